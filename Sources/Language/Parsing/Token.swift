/// A token of an expression.
struct Token: Equatable {
  enum Kind: Equatable {
    case int(Int)
    case double(Double)
    /// A name: a column, a function, `true`, `and`, …
    case name(String)
    case variable(String)
    /// The opening quote; the parser reads the rest, which may contain `${…}`.
    case quote(Character)
    case operation(String)
    /// One of `( ) [ ] { } , : | ;`
    case mark(Character)
    /// `--name` after a space, where flags may follow.
    case flag
    case endOfLine
    case endOfText
  }

  let kind: Kind
  let range: Range<Int>
}
