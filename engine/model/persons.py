"""Whether two customers are two persons."""

from unicodedata import normalize

from engine.model.customer import Customer


def are_two(one: Customer, other: Customer) -> bool:
    """Whether they are two persons, whatever identifiers they share: both have names and these differ; or a person
    has said so."""
    if not {other.id, *other.aliases}.isdisjoint(one.apart):
        return True
    if not {one.id, *one.aliases}.isdisjoint(other.apart):
        return True
    name, another = one.fact("name"), other.fact("name")
    if not isinstance(name, str) or not isinstance(another, str):
        return False
    return bare(name) != bare(another)


def bare(name: str) -> str:
    """A name as it is compared: without blanks, in one case, in the usual characters."""
    return "".join(normalize("NFKC", name).casefold().split())
