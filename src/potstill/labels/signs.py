"""What shows the category of a problem, in English and Chinese.

Each constant is one pattern. They are few and plain: words that several categories share are left
out, so that a pattern that is found says something. Repetitions are bounded or atomic, so that no
text takes long.
"""

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.I | re.M)


def _words(english: str, chinese: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(english.split())})\b|{'|'.join(chinese.split())}", re.I)


_LANGUAGE = (
    r"(?<!\w)(?:python|java(?:script)?|typescript|c\+\+|c#|rust|golang|sql|php|ruby|bash|html|css|"
    r"react|node\.?js|matlab|powershell|kotlin|vba)(?!\w)"
)
_MAKE = (
    r"\b(?:write|create|implement|complete|develop|build|generate|fix|debug|refactor|construct|"
    r"convert|optimi[sz]e|give|provide|make)\b[^.?!\n]{0,40}?"
)

CODE = _any(
    r"^[ \t]*(?:async )?def \w+\(.{0,300}\).{0,99}:[ \t]*$",
    r"^[ \t]*(?:public|private|protected) (?:static )?[\w<>\[\]]+ \w+\(",
    r"^[ \t]*(?:#include ?[<\"]|from [\w.]+ import \w|import java)",
    r"^import \w+(?:\.\w+)*(?: as \w+)?$",
    r"\bfunction \w+\([^)]*\) ?\{|\bconsole\.log\(|\bSystem\.out\.|\bprintf\(",
    r"</(?:html|div|script)>",
    r"^```(?:python|py|java|javascript|js|ts|typescript|c|cpp|csharp|go|rust|sql|bash|sh|html)\b",
    r"^\W{0,9}(?:sample |example )?(?:input|output)(?: format)?:?\W{0,9}$",
    r"\bstandard (?:input|output)\b|\bstd(?:in|out)\b|标准输[入出]|输入格式|输入描述|样例输入",
    r"^Example 1:\s+Input:|\bself-contained code\b",
    rf"{_MAKE}{_LANGUAGE}",
    rf"{_MAKE}\bfunction (?:that|to|which|for|of|where|in|with)\b",
    rf"{_MAKE}\b(?:code|regex|regular expressions?|for loop|algorithm|query|program) "
    r"(?:snippet|quer\w+|to|that|which|for)\b",
    rf"\b(?:code|function|program|script|query|algorithm)\b[^.?!\n]{{0,30}}\bin {_LANGUAGE}",
    r"(?:编写|写|实现|创建|生成|完成|修复|优化|编辑|重写|设计)[^。？！\n]{0,30}?"
    r"(?:函数|代码|(?<!应用)程序|算法|正则表达式|SQL|Python|Java|C\+\+|HTML|CSS)",
)
"""Code, the shape of a programming task, or a request for code."""

_TEXT = r"(?:response|reply|output|essay|letter|article|poem|story|song|text)"
_COUNT = r"(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten)"

CONSTRAINT = _any(
    r"\b(?:any|no|use|without|use of) commas\b|\bin (?:all )?(?:lower|upper)-? ?case\b",
    r"\blowercase letters\b|\bletters? (?:are|in) lowercase\b|\b(?:all|no|in) capital letters\b",
    rf"\b(?:entire|whole) {_TEXT}\b|\bwrap\w* (?:your|the) (?:entire |whole )?{_TEXT}\b",
    rf"\b(?:your|the) (?:{_TEXT}|answer) (?:should|must) (?!be\b)",
    rf"\b(?:in|throughout) the response\b|\byour response\b|\bin your (?:{_TEXT}|answer)\b",
    r"\binclude (?:the )?(?:key)?words?\b",
    rf"\b(?:at least|at most|exactly|less than|more than|fewer than|under) {_COUNT} "
    r"(?:\w+ ){0,2}?(?:sentence|paragraph|section|bullet|placeholder|all capital|highlighted)",
    r"\b(?:with|at least|more than|less than) \d+ (?:or more )?words\b",
    r"\bappears? (?:at least|less than|more than|\w+ times|once)",
    r"\b(?:without|do(?:n't| not)|avoid)(?: \w+)? (?:using |include |use |say )?(?:the )?"
    r"(?:(?:following )?(?:key)?words?|letter)\b",
    r"\bpostscript\b|\bP\.(?:P\.)?S\b|\bdouble angular brackets\b|<<\w|\bsquare brackets\b",
    r"\bhighlight (?:at least|\d|some)|\bmarkdown (?:ticks|bullet)|\bin JSON format\b|\basterisk",
    r"\b(?:first|let's|before) repeat|\bword for word\b|\bno other language\b|\bsection x\b",
    r"(?:回答|回复|答复|输出|全文|每句|每段)[^。，\n]{0,6}(?:必须|应当|不得|不要|不能|[^。，\n]{1,9}结尾)",
    r"不(?:要|得|能)(?:使用|出现|包含)[^。\n]{0,9}(?:词|字|逗号|标点)|包含[^。\n]{0,9}关键词",
)
"""A demand on the form of the answer that a program could check."""

MATH_NOTATION = _any(
    r"\\(?:[dt]?frac|sqrt|sum|int|prod|angle|triangle|overline|binom|log|sin|cos|tan|cdot|times|"
    r"[lg]eq?|pi|pmod|mathbb|begin\{(?:[pbv]matrix|cases|align\*?))\b",
    r"\$[^$\n]{0,99}[\\^_=+<>|(][^$\n]{0,999}\$|\$-?[a-zA-Z\d]\$|\\\(|\\\[|\[asy\]",
    r"\b[a-z] ?(?:\^ ?\d|²|³)|\b\d*[a-z] ?[-+] ?\d+[a-z]? ?=|(?<![\w.])[xyz] ?[=＝]",
    r"\d ?[-+*/×÷−] ?[\d(（][^\n]{0,60}[=＝]",
)
"""Formulas and equations."""

MATH_WORDS = _words(
    r"integers? primes? divisors? divisible remainder polynomials? quadratic equations? triangles? "
    r"circles? rectangles? squares? probability perpendicular hypotenuse radius perimeter volume "
    r"median arithmetic geometric sequence digits? factorial ratio percent(?:age)? angles? degrees "
    r"vertices slope modulo permutations? multiples? fractions? decimal sum product average total "
    r"altogether twice times speed area ways price cost profit difference combined each per mean "
    r"reciprocal factor",
    r"方程 [三四五六]角形 [长正]方[形体] 平行四边形 周长 面积 体积 概率 [整质奇偶]数 自然数 "
    r"余数 倍 分之 平方 集合 向量 复数 数列 直线 平均 一共 百分 对折 [打几成]折 小数 分数 导数 "
    r"还剩 多少[个只条根张米元天岁分小]",
)
"""Words of mathematics and of word problems."""

MATH_QUESTION = _words(
    r"how\s+(?:many|much|far|long|old|tall|fast|big|deep|wide) calculate compute",
    r"多少 几[^乎。]{0,20}[？?] 有几 (?<![要请需追寻])求(?!职|助|婚|救) 计算(?!机) 等于 "
    r"多[长高远重大深厚旧久快] 相差",
)
"""What asks for a number."""

MATH_TASK = _words(
    r"what(?:'s|\s+\w+) find evaluate simplify solve determine express add subtract multiply",
    r"化简 证明",
)
"""What may ask for a number, or for something else."""

NUMBER = _words(
    r"(?!(?:19|20)\d\d\b)\d[\d,.]* two three four five six seven eight nine ten eleven twelve "
    r"twenty thirty hundred half double triple dozen third quarter",
    r"(?<!\d)\d++(?!年) [二两三四五六七八九十百千万半]",
)
"""Numbers but years, in figures and in words."""

SCIENCE = _words(
    r"atoms? molecul\w+ electrons? protons? neutrons? photons? ions? isotopes? enzymes? proteins? "
    r"DNA RNA genes? genetic chromosomes? mitochondria\w* bacteri\w+ virus\w* photosynthesis "
    r"organisms? titrat\w+ oxidation redox molar catalyst enthalpy entropy thermodynamic\w* "
    r"acceleration kinetic magnetic voltage resistors? capacitors? wavelength gravit\w+ friction "
    r"quantum hamiltonian tectonic mmHg symptoms? diagnosis",
    r"细胞 基因 染色体 蛋白 酶 光合 生态系统 种群 免疫 激素 病毒 细菌 微生物 遗传 神经 "
    r"呼吸作用 胰岛素 溶液 化合 离子 分子式 原子 电解 氧化 还原 有机物 化学 沸点 酸性 碱性 mol\b "
    r"同位素 衰变 加速度 动量 电场 磁场 电流 电压 电阻 线圈 粒子 电荷 重力 摩擦力 光子 波长 动能 "
    r"自由落体 轨道半径 气候 降水 板块 河流 洋流 气压 自转 公转 盆地 植被 土壤 海拔 "
    r"\\mathrm\{~?(?:Na|Cl|Fe|Cu|Ca|Mg|Al|Zn|Ag|Ba|Mn|He|CO|NH|mol|MeV|eV|N|V|J)\b",
)
"""Words of physics, chemistry, biology, medicine and the earth sciences, elements and units."""

PROGRAMMING = _words(
    r"code coding program\w* python java\w* sql html css algorithms? functions? software api json "
    r"arrays? strings? databases?",
    r"代码 程序 编程 算法 函数 数据库 数组 字符串 软件",
)
"""Words of programming, which alone don't make a programming task."""

ARGUMENT = _any(
    r"\b(?:argument|conclusion|assumption|reasoning|weakens?|strengthens?|if true)\b",
    r"哪一?项|哪个选项|为真|论证|推出|质疑|假设",
)
"""A question about an argument, whatever its subject."""

_MARK = r"\s?[)）.．、:：?]"
OPTIONS = re.compile(rf"\A(?>.*?\bA{_MARK})(?>.*?\bB{_MARK})(?>.*?\bC{_MARK})", re.S)
"""The options of a multiple choice question."""

CHAT = _any(
    r"\A\W*(?:please |can you |could you )?(?:write|compose|draft|create|generate|come up with|"
    r"suggest|recommend|describe|explain|discuss|summari[sz]e|paraphrase|rephrase|reword|translate|"
    r"rewrite|name|list|tell|give|provide|compare|imagine|brainstorm|define|edit|propose|outline|"
    r"classify|categori[sz]e|identify|analy[sz]e|improve|invent|produce|make|devise)\b",
    r"\A\W*(?:what|who|why|how (?:do|does|can|did|to|is|would|should)|where|when)\b",
    r"\A\W*(?:请|帮我|给我|为|根据|用|从|将|把|对)?[^，。\n]{0,12}?(?:写|描述|解释|列出|列举|建议|"
    r"推荐|翻译|总结|概括|生成|创建|创作|分析|比较|提供|编辑|改写|讨论|介绍|说明|给出|提出|构思|想出|分类)",
    r"什么|为什么|如何|怎[么样]",
)
"""How an open question or request begins."""
