"""Messages as files in the folder `MILEPOST_DELIVERY_DIR`."""

from engine.channels.emails_folder import EmailsFolder
from engine.channels.letters_folder import LettersFolder
from engine.channels.sms_folder import SmsFolder
from engine.model.policy import Policy
from engine.ports import Channel
from engine.wiring.settings import Settings


def emails(settings: Settings, policy: Policy) -> Channel:
    return EmailsFolder(settings.delivery_dir, policy.zone)


def letters(settings: Settings, policy: Policy) -> Channel:
    return LettersFolder(settings.delivery_dir, policy.zone)


def sms(settings: Settings, policy: Policy) -> Channel:
    return SmsFolder(settings.delivery_dir, policy.zone)
