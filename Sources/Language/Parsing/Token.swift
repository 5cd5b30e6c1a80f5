/// What the lexer finds where an expression is expected.
struct Token: Equatable {
  enum Kind: Equatable {
    case int(Int)
    case double(Double)
    /// A name: column, function, `true`, `and`, …
    case name(String)
    case variable(String)
    /// The opening quote; the parser reads on, because `${…}` may stand inside.
    case quote(Character)
    case operation(String)
    /// One of `( ) [ ] { } , : | ;`
    case mark(Character)
    /// `--name` after a blank, where flags may follow.
    case flag
    case endOfLine
    case endOfText
  }

  let kind: Kind
  let range: Range<Int>
}
