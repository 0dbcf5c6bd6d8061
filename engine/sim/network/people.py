"""Who is in the network: dealers, people, cars. All of it made up; see the package's fourth law."""

import msgspec

from engine.sim.network.lots import Lots


class Dealership(msgspec.Struct, frozen=True):
    """A dealer and the neighbourhood the customers come from. `plate` begins the plates of the place."""

    id: str
    city: str
    district: str
    city_en: str
    district_en: str
    postcode: str
    plate: str


DEALERS = (
    Dealership("d001", "北京市", "朝阳区", "Beijing", "Chaoyang", "100020", "京"),
    Dealership("d002", "上海市", "浦东新区", "Shanghai", "Pudong", "200120", "沪"),
    Dealership("d003", "广州市", "天河区", "Guangzhou", "Tianhe", "510630", "粤"),
    Dealership("d004", "成都市", "武侯区", "Chengdu", "Wuhou", "610041", "川"),
    Dealership("d005", "沈阳市", "和平区", "Shenyang", "Heping", "110001", "辽"),
    Dealership("d006", "杭州市", "西湖区", "Hangzhou", "Xihu", "310012", "浙"),
    Dealership("d007", "北京市", "朝阳区", "Beijing", "Chaoyang", "100020", "京"),
    Dealership("d008", "上海市", "浦东新区", "Shanghai", "Pudong", "200120", "沪"),
)

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
_GIVEN_WOMEN = "芳娜敏静丽艳娟霞秀燕玲桂雪梅兰洁琳倩婷颖"
_GIVEN_MEN = "伟强磊军勇杰涛明超刚平辉鹏华飞鑫波斌宇浩"
_FIRST_WOMEN = ("Anna", "Claire", "Emma", "Grace", "Julia", "Laura", "Maria", "Nina", "Sophie", "Helen")
_FIRST_MEN = ("Adam", "Ben", "Daniel", "Erik", "James", "Lucas", "Martin", "Oliver", "Paul", "Thomas")
_LAST = ("Baker", "Dubois", "Fischer", "Garcia", "Hansen", "Keller", "Martin", "Novak", "Rossi", "Smith")
_STREETS = (
    ("幸福路", "Xingfu Road"),
    ("和平街", "Heping Street"),
    ("学院路", "Xueyuan Road"),
    ("人民路", "Renmin Road"),
    ("花园路", "Huayuan Road"),
    ("建设路", "Jianshe Road"),
    ("文化街", "Wenhua Street"),
    ("新华路", "Xinhua Road"),
)
MOBILE_PREFIXES = (
    *("130", "131", "132", "133", "135", "136", "137", "138", "139", "150", "151", "152", "153"),
    *("155", "156", "158", "159", "180", "181", "182", "183", "186", "187", "188", "189"),
)
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # plates have neither I nor O
_VIN_CHARACTERS = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"  # ISO 3779: no I, O, Q
_CARS = (
    ("大众", "帕萨特", "Volkswagen", "Passat", "215/55R17"),
    ("大众", "朗逸", "Volkswagen", "Lavida", "205/55R16"),
    ("丰田", "卡罗拉", "Toyota", "Corolla", "205/55R16"),
    ("丰田", "凯美瑞", "Toyota", "Camry", "215/55R17"),
    ("本田", "雅阁", "Honda", "Accord", "225/50R17"),
    ("本田", "CR-V", "Honda", "CR-V", "235/60R18"),
    ("日产", "轩逸", "Nissan", "Sylphy", "195/60R16"),
    ("别克", "英朗", "Buick", "Excelle", "205/60R16"),
    ("奥迪", "A4L", "Audi", "A4L", "225/50R17"),
    ("宝马", "320Li", "BMW", "320Li", "225/45R18"),
    ("哈弗", "H6", "Haval", "H6", "225/65R17"),
    ("吉利", "帝豪", "Geely", "Emgrand", "195/55R16"),
)
_MOST_PLATES_A_LETTER = 10_000


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """`email` and `address` are None for those who did not give them."""

    name: str
    salutation: str
    mobile: str
    locale: str
    email: str | None
    address: dict[str, str] | None
    birthday: str


class Car(msgspec.Struct, frozen=True, kw_only=True):
    """`vin` is None where dealers do not write it down."""

    plate: str
    vin: str | None
    make: str
    model: str
    size: str


def person(lots: Lots, number: int, dealer: Dealership) -> Person:
    """The customer with this number."""
    woman, foreign = lots.chance(0.4), lots.chance(0.06)
    if foreign:
        name = f"{lots.one_of(_FIRST_WOMEN if woman else _FIRST_MEN)} {lots.one_of(_LAST)}"
    else:
        given = _GIVEN_WOMEN if woman else _GIVEN_MEN
        name = lots.one_of(_SURNAMES) + lots.one_of(given) + (lots.one_of(given) if lots.chance(0.45) else "")
    salutations = ("Ms", "Mr") if foreign else ("女士", "先生")
    email, has_address = lots.chance(0.72), lots.chance(0.75)
    return Person(
        name=name,
        salutation=salutations[0] if woman else salutations[1],
        mobile=f"{lots.one_of(MOBILE_PREFIXES)}{number:08d}",
        locale="en" if foreign else "zh-CN",
        email=email_of(number) if email else None,
        address=address(lots, dealer, foreign=foreign) if has_address else None,
        birthday=f"{lots.whole(1955, 2003)}-{lots.whole(1, 12):02d}-{lots.whole(1, 28):02d}",
    )


def email_of(number: int) -> str:
    return f"c{number}@example.{'com' if number % 7 == 0 else 'cn'}"


def address(lots: Lots, dealer: Dealership, *, foreign: bool) -> dict[str, str]:
    street, street_en = lots.one_of(_STREETS)
    house, flat = lots.whole(1, 300), f"{lots.whole(1, 28)}-{lots.whole(1, 26)}{lots.whole(1, 12):02d}"
    if foreign:
        line = f"{flat}, No. {house} {street_en}, {dealer.district_en}"
        return {"line": line, "city": dealer.city_en, "postcode": dealer.postcode, "country": "CN"}
    line = f"{dealer.district}{street}{house}号{flat}"
    return {"line": line, "city": dealer.city, "postcode": dealer.postcode, "country": "CN"}


def car(lots: Lots, number: int, dealer: Dealership, *, foreign: bool) -> Car:
    """The car that the customer with this number has at the beginning; its plate is its own."""
    make, model, make_en, model_en, size = lots.one_of(_CARS)
    tens, units = divmod(number, _MOST_PLATES_A_LETTER)
    town, series = divmod(tens, len(_LETTERS))
    area = _LETTERS[(lots.whole(0, 7) + 8 * town) % len(_LETTERS)]
    vin = "L" + "".join([lots.one_of(_VIN_CHARACTERS) for _ in range(9)]) + f"{number:07d}"
    return Car(
        plate=f"{dealer.plate}{area}{_LETTERS[series]}{units:04d}",
        vin=vin if lots.chance(0.2) else None,
        make=make_en if foreign else make,
        model=model_en if foreign else model,
        size=size,
    )
