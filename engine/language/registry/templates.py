"""Codes about templates and brands."""

from engine.language.registry.entries import Example, entry

_SMS = "templates/newsletter/sms.zh-CN.txt"
_EMAIL = "templates/newsletter/email.zh-CN.html"
_PICTURE = "templates/newsletter/tread.png"
_BRAND = "templates/brands/warrior/brand.yaml"
_WARRIOR = """\
name: {zh-CN: 回力, en: Warrior}
colours: {main: "#c8102e"}
senders: {email: {name: 回力轮胎车主之家, email: care@warrior.example}}
"""

CODES = (
    entry(
        "template-syntax",
        "a template that cannot be read",
        """A tag is misspelt or not closed: each {% if %} needs an {% endif %}, each {% for %} an {% endfor
        %}, each {{ its }}.""",
        "{% if customer.name %}Dear {{ customer.name }}",
        "{% if customer.name %}Dear {{ customer.name }}{% endif %}",
        _SMS,
    ),
    entry(
        "missing-file",
        "a file that a template needs is not there",
        """`include`, `import` and `extends` name files from `templates/` on; a brand's layout is
        `brand.letter` or `brand.email`. A picture (`<img src="tread.png">`) lies beside the text, in the brand's
        folder, or is named from `templates/` on.""",
        "---\nsubject: Our news\n---\n{% include 'shared/footer.html' %}",
        "---\nsubject: Our news\n---\n{{ message.unsubscribe_url }}",
        _EMAIL,
    ),
    entry(
        "unshown-picture",
        "a picture that not all mail programs show",
        """A picture in an email is a PNG, a JPEG or a GIF. Others, such as SVG and WebP, stay blank for some of
        those who get it.""",
        "---\nsubject: Our news\n---\n<img src='tread.svg' alt='The tread'>",
        "---\nsubject: Our news\n---\n<img src='tread.png' alt='The tread'>",
        _EMAIL,
    ),
    entry(
        "large-picture",
        "a picture, or all in an email, too large",
        """What takes long to load is not looked at. One picture should have 300 kB at most, all of an email
        together 1 MB. Twice as many pixels as it is shown with are enough; drawings are smallest as PNG, photographs
        as JPEG.""",
        Example(text=None, size_bytes=400_000, file=_PICTURE),
        Example(text=None, size_bytes=20_000, file=_PICTURE),
    ),
    entry(
        "bad-front-matter",
        "the lines at the head of a template are wrong",
        """A template may begin with lines between two lines of three dashes: `subject`, `preheader`,
        `attachments`, each a key, a colon and a text; of an SMS also `template_code` and `params`.""",
        "---\nsubject Our news\n---\n<p>News</p>",
        "---\nsubject: Our news\n---\n<p>News</p>",
        _EMAIL,
    ),
    entry(
        "no-subject",
        "an email without a subject",
        """The front matter of an email's .html says what stands in the subject line. Without it the text of
        `<title>` does, which a brand's layout makes the same for every email; without that, the brand's
        name.""",
        "<p>News</p>",
        "---\nsubject: Our news\n---\n<p>News</p>",
        _EMAIL,
    ),
    entry(
        "unknown-locale",
        "a template's file names no locale",
        """A text's file is named by channel, locale and kind: `email.zh-CN.html`. A locale is a language,
        perhaps with a country.""",
        Example(text="News", file="templates/newsletter/sms.chinese.txt"),
        Example(text="News", file=_SMS),
    ),
    entry(
        "stray-template",
        "a text that belongs to no template",
        """A text lies in the folder of its template: `templates/newsletter/sms.zh-CN.txt`.""",
        Example(text="News", file="templates/sms.zh-CN.txt"),
        Example(text="News", file=_SMS),
    ),
    entry(
        "missing-brand-file",
        "a brand without brand.yaml",
        """Each folder in `templates/brands/` is a brand, and says in `brand.yaml` at least what it is
        called.""",
        Example(text=None, file=_BRAND),
        Example(text=_WARRIOR, file=_BRAND),
    ),
    entry(
        "brand-without-name",
        "a brand that does not say its name",
        """`name` in `brand.yaml` is what the brand is called, by locale; every message says who it is
        from.""",
        _WARRIOR.partition("\n")[2],
        _WARRIOR,
        _BRAND,
    ),
    entry(
        "no-sender",
        "a brand whose emails come from nowhere",
        """`senders` in `brand.yaml` says which address the brand's emails come from, and, where it is not the
        brand's, by which name. Without an address they are made all the same, with one that nobody can answer,
        so that they cannot go out.""",
        _WARRIOR.partition("senders")[0],
        _WARRIOR,
        _BRAND,
    ),
    entry(
        "no-template-code",
        "an SMS without the code of its registered text",
        """A provider in China sends registered texts only: it wants the code of such a text (`template_code:
        SMS_461234567`) and the values that stand in it (`params`), at the head of the SMS's file; where one has a
        code, all need theirs. Who sends by another provider needs neither.""",
        "---\nparams:\n  name: {{ customer.name }}\n---\n{{ customer.name }}: our news. Reply T to stop",
        "{{ customer.name }}: our news. Reply T to stop",
        _SMS,
    ),
)
