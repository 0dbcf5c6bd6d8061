"""`python -m tests.services.sms PROVIDER --port N`: see the package."""

import argparse
import asyncio

from aiohttp import web

from tests.services.sms.aliyun import Aliyun
from tests.services.sms.control import Control
from tests.services.sms.gateway import Gateway
from tests.services.sms.twilio import Twilio

PROVIDERS: dict[str, type[Control]] = {"twilio": Twilio, "aliyun": Aliyun, "gateway": Gateway}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.services.sms")
    parser.add_argument("provider", choices=PROVIDERS)
    parser.add_argument("--port", type=int, required=True, help="on 127.0.0.1")
    arguments = parser.parse_args()
    web.run_app(
        PROVIDERS[arguments.provider]().application(),
        host="127.0.0.1",
        port=arguments.port,
        print=None,
        access_log=None,
        loop=asyncio.new_event_loop(),
    )


if __name__ == "__main__":
    main()
