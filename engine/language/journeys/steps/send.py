"""`send`: one message."""

from engine.language import words
from engine.language.expressions import Compiled, Type, compile_value
from engine.language.expressions.types import ANY, is_open, is_text
from engine.language.journeys.asked import tell_missing
from engine.language.journeys.context import SendSite
from engine.language.journeys.drafts import StepDraft
from engine.language.journeys.scene import Scene
from engine.language.journeys.steps.verb import Verb
from engine.language.keys import Fields, Key, Placed
from engine.language.nearest import did_you_mean, listed
from engine.language.source import MappingNode, Node
from engine.model.journeys import Expression, Send, Variants

SEND: Key[str] = Key(
    name="send",
    kind=words.TEMPLATE,
    about="the template: a folder under `templates/`",
    required=True,
    example="welcome-pack",
)
BY: Key[tuple[Placed[str], ...]] = Key(
    name="by",
    kind=words.BY,
    about="the channel, or channels in order of preference: the first that the customer agreed to and can be "
    "reached on",
    required=True,
    example="[letter, email, sms]",
)
WITH: Key[Node] = Key(
    name="with",
    kind=words.VALUES,
    about="further values for the template",
    example="{gift: tyre gauge}",
)
BRAND: Key[Node] = Key(
    name="brand", kind=words.VALUE, about="the brand to send as; the run's when left out", example="michelin"
)
LOCALE: Key[Node] = Key(
    name="locale",
    kind=words.VALUE,
    about="the locale to write in; the customer's when left out",
    example="en",
)

_FAULTY: tuple[Type, Expression] = (ANY, lambda _scope: None)  # the template must not be blamed for it
RESERVED = frozenset(
    {"event", "run", "customer", "vehicle", "dealer", "now", "today", "loop", "brand", "message", "with"}
)


class SendVerb(Verb):
    name = "send"
    about = "Decides one message."
    keys = (SEND, BY, WITH, BRAND, LOCALE)

    def default_id(self, fields: Fields) -> str:
        return fields.get(SEND) or self.name

    def build(self, step: StepDraft, scene: Scene) -> Send | None:
        common = self.common(step, scene)
        fields = step.fields
        template, by = fields.get(SEND), _channels(fields, scene)
        values = _values(step, scene)
        brand, brands = _brand(fields, scene)
        locale = _text_value(fields, LOCALE, scene)
        if template is None or by is None or (fields.has(WITH) and fields.get(WITH) is None):
            return None  # nor is the template blamed for what is not given to it
        site = SendSite(
            journey=scene.journey,
            step=step.id,
            template=Placed(template, fields.node_of(SEND)),
            by=by,
            brands=brands,
            values={name: kind for name, (kind, _) in values.items()},
            vocabulary=scene.vocabulary,
        )
        scene.context.sites.append(site)
        channels = tuple(one.value for one in by)
        return Send(
            **common,
            template=template,
            by=channels,
            values={name: get for name, (_, get) in values.items()},
            variants=_variants(template, channels, brands, scene),
            brand=brand,
            locale=locale,
        )


def _channels(fields: Fields, scene: Scene) -> tuple[Placed[str], ...] | None:
    given = fields.get(BY)
    if given is None:
        return None
    reading = scene.context.policy
    seen: set[str] = set()
    for one in given:
        if one.value in seen:
            scene.report.error(
                "duplicate-item", one.span, f"'{one.value}' is listed twice", "keep one of them"
            )
        elif "channels" in reading.knows and one.value not in reading.policy.channels:
            message = f"the policy has no channel '{one.value}'"
            hint = (
                f"add it to `channels` in journeys/policy.yaml, which has {listed(reading.policy.channels)}"
            )
            scene.report.error("channel-not-in-policy", one.span, message, hint)
        seen.add(one.value)
    return given


def _values(step: StepDraft, scene: Scene) -> dict[str, tuple[Type, Expression]]:
    node = step.fields.get(WITH)
    values: dict[str, tuple[Type, Expression]] = {}
    if not isinstance(node, MappingNode):
        return values
    for entry in node.entries:
        name = entry.key.text
        if name in RESERVED:
            message = f"'{name}' is a name of the language; a value cannot be called so"
            scene.report.error("reserved-name", entry.key.span, message, f"call it 'my_{name}', or the like")
            continue
        if not name.isidentifier():
            near = "".join(one if one.isalnum() else "_" for one in name).strip("_")
            hint = f"write '{near}'" if near.isidentifier() else "use letters, digits and _"
            scene.report.error("bad-id", entry.key.span, f"'{name}' cannot be named in a template", hint)
            continue
        compiled = compile_value(entry.value, scene.vocabulary, scene.report)
        values[name] = _FAULTY if compiled is None else (compiled.type, compiled.get)
        if compiled is not None:
            then = "nothing stands in its place then"
            hint = "give another value, `PATH | default('…')`, or ask for it first, such as `when: PATH`"
            tell_missing(compiled, entry.value, step.asked, then, hint, scene.report)
    return values


def _brand(fields: Fields, scene: Scene) -> tuple[Expression | None, tuple[str, ...]]:
    """The brand's expression, and the brands that it can give."""
    node = fields.get(BRAND)
    if node is None:
        return None, scene.brands
    compiled = compile_value(node, scene.vocabulary, scene.report)
    if compiled is None:
        return None, scene.brands
    if compiled.literal is None:
        return _text_only(compiled, fields, BRAND, scene), scene.context.brands
    if compiled.literal not in scene.context.brands:
        hint = did_you_mean(compiled.literal, scene.context.brands)
        message = f"there is no brand '{compiled.literal}' in templates/brands"
        scene.report.error("unknown-brand", fields.span(BRAND), message, hint)
        return None, scene.brands
    return compiled.get, (compiled.literal,)


def _text_value(fields: Fields, key: Key[Node], scene: Scene) -> Expression | None:
    node = fields.get(key)
    compiled = None if node is None else compile_value(node, scene.vocabulary, scene.report)
    return None if compiled is None else _text_only(compiled, fields, key, scene)


def _text_only(compiled: Compiled, fields: Fields, key: Key[Node], scene: Scene) -> Expression | None:
    if not (is_text(compiled.type) or is_open(compiled.type)):
        message = f"'{key.name}' needs a text, not {compiled.type.words}"
        scene.report.error("wrong-type", fields.span(key), message)
        return None
    return compiled.get


def _variants(
    template: str, channels: tuple[str, ...], brands: tuple[str, ...], scene: Scene
) -> dict[str, Variants]:
    locales = scene.context.templates.locales
    return {
        brand: Variants({channel: locales(template, channel, brand) for channel in channels})
        for brand in brands
    }
