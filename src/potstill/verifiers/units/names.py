"""How units are spelled, in English, Chinese and signs. What they are worth is not said here."""

from typing import NamedTuple


class Spelled(NamedTuple):
    """The spellings of one unit."""

    name: str
    """The one that stands for all."""
    known_as: str
    """Its name in `definitions.py`, or to Pint."""
    signs: str = ""
    """Abbreviations, whose case counts."""
    words: str = ""
    """English words in the singular; `_` is a space."""
    han: str = ""
    """Chinese words."""
    prefixes: str = ""
    """The prefixes that it takes, as in `PREFIXES`."""


PREFIXES = {
    "n": ("nano", "纳"),
    "μ": ("micro", "微"),
    "m": ("milli", "毫"),
    "c": ("centi", "厘"),
    "d": ("deci", "分"),
    "h": ("hecto", "百"),
    "k": ("kilo", "千"),
    "M": ("mega", "兆"),
    "G": ("giga", "吉"),
}
SPELLED = (
    Spelled("m", "meter", "m", "meter metre", "米 公尺", "n μ m c d k"),
    Spelled("km", "kilometer", "KM Km", "", "公里"),
    Spelled("cm", "centimeter", "CM Cm", "", "公分"),
    Spelled("mm", "millimeter", "MM"),
    Spelled("in", "inch", "in in. inch. ″", "inch", "英寸"),
    Spelled("ft", "foot", "ft ft. Ft", "foot", "英尺"),
    Spelled("yd", "yard", "yd yd. yds", "yard", "码"),
    Spelled("mi", "mile", "mi mi.", "mile", "英里"),
    Spelled("nmi", "nautical_mile", "nmi", "nautical_mile", "海里"),
    Spelled("ly", "light_year", "ly", "light_year light-year", "光年"),
    Spelled("au", "astronomical_unit", "AU", "astronomical_unit", "天文单位"),
    Spelled("Å", "angstrom", "Å", "angstrom", "埃"),
    Spelled("里", "li", han="里 华里"),
    Spelled("丈", "zhang", han="丈"),
    Spelled("尺", "chi", han="尺 市尺"),
    Spelled("寸", "cun", han="寸 市寸"),
    Spelled("ha", "hectare", "ha", "hectare", "公顷"),
    Spelled("are", "are", han="公亩"),
    Spelled("acre", "acre", "ac", "acre", "英亩"),
    Spelled("亩", "mu", han="亩 畝"),
    Spelled("L", "liter", "L l ℓ", "liter litre", "升 公升", "μ m c d"),
    Spelled("mL", "milliliter", "ML cc"),
    Spelled("gal", "gallon", "gal gal.", "gallon", "加仑"),
    Spelled("qt", "quart", "qt", "quart", "夸脱"),
    Spelled("pt", "pint", "", "pint", "品脱"),
    Spelled("cup", "cup", "", "cup"),
    Spelled("fl oz", "fluid_ounce", "", "fluid_ounce fl_oz", "液量盎司"),
    Spelled("tbsp", "tablespoon", "tbsp", "tablespoon", "汤匙"),
    Spelled("tsp", "teaspoon", "tsp", "teaspoon", "茶匙"),
    Spelled("g", "gram", "g", "gram gramme", "克", "n μ m c d k"),
    Spelled("g", "gram", "gm gms"),
    Spelled("kg", "kilogram", "KG Kg kgs", "kilo", "公斤"),
    Spelled("lb", "pound", "lb lbs lb. lbs.", "pound", "磅"),
    Spelled("oz", "ounce", "oz oz.", "ounce", "盎司"),
    Spelled("t", "tonne", "t", "tonne metric_ton", "吨 公吨"),
    Spelled("ton", "ton", "", "ton"),
    Spelled("斤", "jin", han="斤 市斤"),
    Spelled("两", "liang", han="两"),
    Spelled("Da", "dalton", "Da u amu", "dalton"),
    Spelled("s", "second", "s sec sec. secs", "second", "秒 秒钟", "n μ m"),
    Spelled("min", "minute", "min min. mins", "minute", "分钟"),
    Spelled("h", "hour", "h hr hr. hrs hrs.", "hour", "小时 个小时 时 钟头 个钟头"),
    Spelled("quarter-hour", "quarter_hour", han="刻钟"),
    Spelled("day", "day", "d", "day", "天 日 昼夜"),
    Spelled("week", "week", "wk wks", "week", "周 星期 个星期 礼拜 个礼拜"),
    Spelled("month", "month", words="month", han="月 个月"),
    Spelled("quarter-year", "quarter_year", han="季度 个季度"),
    Spelled("year", "year", "yr yrs", "year", "年 岁 周岁"),
    Spelled("decade", "decade", words="decade"),
    Spelled("century", "century", words="century", han="世纪 个世纪"),
    Spelled("mph", "mph", "mph MPH", "", "英里每小时"),
    Spelled("km/h", "kph", "kph kmph kmh km/hr"),
    Spelled("kn", "knot", "", "knot", "节"),
    Spelled("N", "newton", "N", "newton", "牛 牛顿", "m k M"),
    Spelled("lbf", "lbf", "lbf"),
    Spelled("J", "joule", "J", "joule", "焦 焦耳", "m k M"),
    Spelled("cal", "calorie", "cal", "calorie", "卡 卡路里", "k"),
    Spelled("kcal", "kilocalorie", "Kcal", "", "大卡"),
    Spelled("W", "watt", "W", "watt", "瓦 瓦特", "m k M G"),
    Spelled("Wh", "watt_hour", "Wh", "watt-hour watt_hour", "瓦时", "k M"),
    Spelled("hp", "horsepower", "hp", "horsepower", "马力"),
    Spelled("eV", "electron_volt", "eV", "electron-volt electron_volt", "电子伏 电子伏特", "k M G"),
    Spelled("Pa", "pascal", "Pa", "pascal", "帕 帕斯卡", "h k M G"),
    Spelled("atm", "atmosphere", "atm", "atmosphere", "大气压 个大气压 标准大气压"),
    Spelled("bar", "bar", "bar mbar", "", "巴"),
    Spelled("mmHg", "mmHg", "mmHg", "", "毫米汞柱"),
    Spelled("psi", "psi", "psi"),
    Spelled("V", "volt", "V", "volt", "伏 伏特", "m k"),
    Spelled("A", "ampere", "A", "ampere amp", "安 安培", "μ m"),
    Spelled("Ω", "ohm", "Ω Ω ohm", "ohm", "欧 欧姆 欧", "k M"),
    Spelled("C", "coulomb", "C", "coulomb", "库 库仑", "n μ m"),
    Spelled("F", "farad", "F", "farad", "法拉", "n μ"),
    Spelled("T", "tesla", "T", "tesla", "特斯拉", "m"),
    Spelled("Wb", "weber", "Wb", "weber", "韦伯"),
    Spelled("H", "henry", "H", "henry", "亨利", "m"),
    Spelled("Hz", "hertz", "Hz", "hertz", "赫 赫兹", "k M G"),
    Spelled("mol", "mole", "mol", "mole", "摩尔", "m k"),
    Spelled("M", "molar", "M", "molar"),
    Spelled("K", "kelvin", "K", "kelvin", "开 开尔文"),
    Spelled("°C", "celsius", "°C ℃", "celsius degree_celsius centigrade", "摄氏度 度摄氏"),
    Spelled("°F", "fahrenheit", "°F ℉", "fahrenheit degree_fahrenheit", "华氏度 度华氏"),
    Spelled("cd", "candela", "cd", "candela", "坎德拉"),
    Spelled("lm", "lumen", "lm", "lumen", "流明"),
    Spelled("°", "degree", "° º deg deg.", "degree arcdegree", "度"),
    Spelled("′", "arcminute", "arcmin", "arcminute arc_minute minute_of_arc", "角分"),
    Spelled("″", "arcsecond", "arcsec", "arcsecond arc_second second_of_arc", "角秒"),
    Spelled("rad", "radian", "rad", "radian", "弧度"),
    Spelled("sr", "steradian", "sr", "steradian", "球面度"),
    Spelled("%", "percent", "% ％ pct", "percent per_cent percentage_point percentage", "百分点"),
    Spelled("‰", "permille", "‰", "per_mille permille"),
    Spelled("ppm", "ppm", "ppm"),
    Spelled("成", "tenth", han="成"),
    Spelled("bit", "bit", "", "bit", "比特"),
    Spelled("B", "byte", "", "byte", "字节"),
    Spelled("KiB", "kibibyte", "KiB", "kibibyte"),
    Spelled("MiB", "mebibyte", "MiB", "mebibyte"),
    Spelled("GiB", "gibibyte", "GiB", "gibibyte"),
    Spelled("KB", "KB", "KB kB"),
    Spelled("MB", "MB", "MB"),
    Spelled("GB", "GB", "GB"),
    Spelled("TB", "TB", "TB"),
    Spelled("unit", "unit", "", "unit", "单位 个单位"),
    Spelled("分", "分", "", "", "分"),
    Spelled("$", "usd", "$ USD US$", "dollar buck US_dollar USD", "美元 美金 刀"),
    Spelled("¢", "cent", "¢", "cent US_cent", "美分"),
    Spelled("€", "eur", "€ EUR", "euro", "欧元"),
    Spelled("£", "gbp", "£ GBP", "pound_sterling british_pound", "英镑"),
    Spelled("p", "pence", "", "pence", "便士"),
    Spelled("元", "cny", "¥ ￥ 元 RMB CNY", "yuan rmb", "元 块 块钱 圆 人民币 元钱 元人民币"),
    Spelled("角", "jiao", "", "jiao", "角 毛 角钱 毛钱"),
    Spelled("分钱", "fen", "", "", "分钱"),
    Spelled("円", "jpy", "JPY", "yen", "日元 円"),
    Spelled("HK$", "hkd", "HK$ HKD", "", "港元 港币"),
    Spelled("₹", "inr", "₹ INR Rs Rs.", "rupee", "卢比"),
    Spelled("₽", "rub", "₽ RUB", "ruble rouble", "卢布"),
)
"""Every unit that is known, but for what prefixes add."""
IRREGULAR = {
    "inch": "inches",
    "foot": "feet",
    "century": "centuries",
    "henry": "henries",
    "hertz": "hertz",
    "horsepower": "horsepower",
    "pence": "pence",
    "yen": "yen",
    "yuan": "yuan",
    "jiao": "jiao",
}
"""Plurals without a mere `s`."""
POWERS = {"square": 2, "sq": 2, "sq.": 2, "cubic": 3, "cu": 3, "cu.": 3, "平方": 2, "立方": 3} | {
    "二次方": 2,
    "三次方": 3,
}
"""What stands before a unit and raises it."""
POWERS_BEHIND = {"squared": 2, "cubed": 3, "平方": 2, "立方": 3}
"""What stands behind a unit and raises it."""
_COUNTERS = (
    "个 只 条 本 张 枚 颗 粒 根 支 枝 块 片 朵 棵 株 头 匹 辆 艘 架 台 件 套 双 对 组 份 层 "
    "间 座 栋 幢 扇 把 瓶 盒 箱 包 袋 篮 筐 桶 罐 杯 碗 盘 盆 页 篇 首 句 章 道 题 次 回 遍 "
    "趟 种 类 项 段 名 位 口 户 家 所 班 队 排 列 行 圈 下 倍 times time way ways piece pieces "
    "item items"
)
COUNTERS = frozenset(_COUNTERS.split())
"""Words that only count; they say nothing about what is counted."""
_GLUED = (
    "cm dm mm km nm ft hr hrs lb lbs mi mg kg mins min mL ml mph oz sec kWh kN kJ MJ kPa MPa "
    "kHz MHz GHz Hz Pa mol kmph kph cc yd yds keV MeV GeV kcal cal rad ppm bits mA mV kV kW "
    "MW GW"
)
GLUED = frozenset(_GLUED.split())
"""Abbreviations that are no product of variables, even right behind a figure: `5kg`, not `5m`."""
_STOPS = (
    "a all an and any approximately are as at be because but by each either else equals even "
    "every exactly for from gives has have hence i if in into is it its less "
    "mod modulo minus more most no nor not odd of on or over plus real since "
    "so some than that the their then there therefore they this thus times to us was we were "
    "when where which while whose with x y z am pm p.m a.m abs arccos arcsin arctan arg "
    "choose cos cosh cot csc deg det dim exp floor ceil gcd hcf lcm lim ln log max min pi sec "
    "sgn sin sinh sqrt tan tanh billion dozen eight eleven fifteen fifty five forty four half "
    "hundred million nine ninety one quarter seven seventy six sixty ten third thirty "
    "thousand three trillion twelve twenty two zero alpha beta gamma delta epsilon theta "
    "lambda sigma omega phi psi rho tau mu nu eta zeta kappa base factorial remainder squared "
    "cubed"
)
STOPS = frozenset(_STOPS.split())
"""Words that are no unit of their own behind a number."""
AFTER = {
    "CNY": {"分": "fen"},
    "time": {"分": "minute"},
    "degree": {
        "分": "arcminute",
        "'": "arcminute",
        "′": "arcminute",
        "秒": "arcsecond",
        "''": "arcsecond",
        "″": "arcsecond",
        '"': "arcsecond",
    },
}
"""What a spelling means behind a quantity of a dimension: 分 in 3元5分, 2时5分 and 30度5分."""
_ALTERNATIVES = "and but either if neither nor not or than"
ALTERNATIVES = frozenset(_ALTERNATIVES.split())
"""Words that don't stand behind a unit without more to be read."""
_TAILS = (
    "above ago altogether apart away below between by deep each for from high in left long "
    "more of old on per remaining short tall thick to together total under wide"
)
TAILS = frozenset(_TAILS.split())
"""Words that may go on behind a unit, and don't belong to it: `12 students in total`."""
HAN_STOPS = frozenset("或和且与及而若当则是为不非的、，。；")
"""Characters that end a Chinese unit."""
