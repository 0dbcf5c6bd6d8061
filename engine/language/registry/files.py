"""Codes about files and YAML."""

from engine.language.registry.entries import POLICY, Example, entry

CODES = (
    entry(
        "no-journeys",
        "there are no journeys",
        """A project is a folder with `journeys/` and `templates/` in it. Without the folder nothing can be
        done, which is an error; an empty folder is a warning. Often the command was called in another folder:
        `--project DIR` names the right one.""",
        Example(text=None, file="journeys/welcome-pack.yaml", alone=True),
        Example(
            file="journeys/welcome-pack.yaml",
            alone=True,
            text="""journey: welcome-pack
purpose: care
start: {on: purchase.recorded}
steps:
  - send: welcome-pack
    by: letter
    with: {gift: tyre gauge}
""",
        ),
    ),
    entry(
        "no-policy",
        "the project has no policy",
        """`journeys/policy.yaml` says what is true of all journeys: the time zone, the language and brand of
        those of whom no other is known, the channels in use, and for which purposes consent is needed. None
        of these can be guessed.""",
        Example(text=None, file="journeys/policy.yaml"),
        Example(text=POLICY, file="journeys/policy.yaml"),
    ),
    entry(
        "unreadable-file",
        "the file cannot be read",
        """Files are read as UTF-8. A text with Chinese characters that an older program saved is often
        GB18030 and must be saved anew. A file of more than a megabyte is not read either.""",
        Example(text="title: 欢迎\n", encoding="gb18030"),
        "title: 欢迎",
    ),
    entry(
        "not-read",
        "a file lies where it is not read",
        """Journeys are the files that end in `.yaml` and lie in `journeys/` itself. This one is passed over,
        which is hardly what was meant.""",
        Example(text="journey: welcome\n", file="journeys/welcome.yml"),
        "title: Welcome",
    ),
    entry(
        "empty-file",
        "the file is empty",
        """Nothing is written in the file but blanks and comments.""",
        Example(text="# to be written\n", file="journeys/later.yaml"),
        "title: Welcome",
    ),
    entry(
        "yaml-syntax",
        "this is not YAML",
        """The file cannot be taken apart into keys and values. Usual reasons: a colon inside a text that has
        no quotes, a tab, lines of one group that do not begin in the same column, a quotation mark or a
        bracket that is not closed. What stands behind the place has not been looked at.""",
        "title: Welcome: your gift",
        'title: "Welcome: your gift"',
    ),
    entry(
        "yaml-feature",
        "a part of YAML that journeys do not have",
        """A file means what it shows: there are no anchors (`&name`), aliases (`*name`), tags (`!name`), and
        no second document behind `---`. A text that begins with one of these characters needs quotes.""",
        "title: &name Welcome",
        'title: "&name Welcome"',
    ),
    entry(
        "unquoted-braces",
        "braces without quotes",
        """To YAML a brace begins a group of keys. An expression in braces is a text, and needs quotes.""",
        """
        steps:
          - send: tyre-health
            by: sms
            with: {km: {{ run.distance_km }}}
        """,
        """
        steps:
          - send: tyre-health
            by: sms
            with: {km: "{{ run.distance_km }}"}
        """,
    ),
    entry(
        "duplicate-key",
        "a key is given twice",
        """One of the two would be passed over in silence, so neither is.""",
        """
        title: Welcome
        title: Welcome pack
        """,
        "title: Welcome pack",
    ),
    entry(
        "wrong-shape",
        "a list, keys or a text where another of them is expected",
        """Under this key another shape of value stands than it has: a list where a text belongs, a text where
        keys belong, and so on. A missing or superfluous dash is the usual reason.""",
        """
        steps:
          wait: 3 days
        """,
        """
        steps:
          - wait: 3 days
        """,
    ),
    entry(
        "too-complex",
        "nested too deep, or too long",
        """Files, expressions and templates have limits far beyond what people write, so that none can bring
        the engine to a stand: 40 levels of nesting in a file, 60 in an expression, 2000 characters in an
        expression, 15 digits in a number.""",
        """
        steps:
          - if: event.amount > 99999999999999999999
            then: [end]
        """,
        """
        steps:
          - if: event.amount > 99999
            then: [end]
        """,
    ),
)
