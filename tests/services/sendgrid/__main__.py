"""`python -m tests.services.sendgrid --port N`: see the package."""

import argparse
import asyncio

from aiohttp import web

from tests.services.sendgrid import KEY
from tests.services.sendgrid.app import App


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.services.sendgrid")
    parser.add_argument("--port", type=int, required=True, help="on 127.0.0.1")
    parser.add_argument("--key", default=KEY, help=f"the API key; else {KEY}")
    parser.add_argument("--scopes", default="mail.send", help="what the key may do, with commas")
    parser.add_argument("--fast", action="store_true", help="keep only counts and ids, check only the shape")
    arguments = parser.parse_args()
    app = App(key=arguments.key, fast=arguments.fast, scopes=tuple(arguments.scopes.split(",")))
    web.run_app(
        app.application(),
        host="127.0.0.1",
        port=arguments.port,
        print=None,
        access_log=None,
        loop=asyncio.new_event_loop(),
    )


if __name__ == "__main__":
    main()
