"""Highlighting of vcsh's language for Pygments, and so for nbconvert and Sphinx."""

from pygments.lexer import RegexLexer, bygroups, words
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text

__all__ = ["VcshLexer"]

KEYWORDS = ("let", "param", "if", "else", "for", "in", "def", "source", "assert", "as", "on", "and", "or", "not")


class VcshLexer(RegexLexer):
    """The command language of vcsh."""

    name = "vcsh"
    url = "https://example.org/vcsh"
    aliases = ["vcsh"]
    filenames = ["*.vc"]
    mimetypes = ["text/x-vcsh"]

    tokens = {
        "root": [
            (r"\s+", Text),
            (r"(?<!\S)#.*$", Comment.Single),
            (r'"', String.Double, "text"),
            (r"'[^']*'", String.Single),
            (r"\$\{", String.Interpol, "expression"),
            (r"\$[A-Za-z_]\w*", Name.Variable),
            (r"--[A-Za-z][\w-]*=?", Name.Attribute),
            (words(KEYWORDS, prefix=r"(?<![\w./-])", suffix=r"(?![\w./-])"), Keyword),
            (words(("true", "false", "null"), prefix=r"(?<![\w./-])", suffix=r"(?![\w./-])"), Keyword.Constant),
            (r"(?<![\w./-])\d+(\.\d+)?([eE][+-]?\d+)?(?![\w./])", Number),
            (r"(\|)(\s*)([A-Za-z][\w-]*)", bygroups(Operator, Text, Name.Function)),
            (r"(^|(?<=[;{]))([ \t]*)([A-Za-z][\w-]*)(?=[ \t]|$)", bygroups(Text, Text, Name.Function)),
            (r"==|!=|<=|>=|=~|\*\*|[-+*/%<>=|]", Operator),
            (r"[()\[\]{},;:]", Punctuation),
            (r"[\w./~-]+", Name),
            (r".", Text),
        ],
        "expression": [(r"\}", String.Interpol, "#pop"), (r"\{", Punctuation, "#push"), (r"[^{}]+", Name.Variable)],
        "text": [
            (r'"', String.Double, "#pop"),
            (r"\\.", String.Escape),
            (r"\$\{", String.Interpol, "expression"),
            (r"\$[A-Za-z_]\w*", String.Interpol),
            (r'[^"\\$]+', String.Double),
            (r"\$", String.Double),
        ],
    }

    # The first word of a line is a command unless it is a keyword, which stands above in the rules.
    flags = 8  # re.MULTILINE
