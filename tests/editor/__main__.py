"""`python -m tests.editor`: fetches the YAML language server into the cache; only says so when it cannot."""

from tests.editor.server import EditorError, language_server

if __name__ == "__main__":
    try:
        print(f"The YAML language server is in {language_server().parents[3]}.")  # noqa: T201 - for people
    except EditorError as error:
        print(error)  # noqa: T201
