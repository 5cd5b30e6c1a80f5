import Base

/// The arguments before the cursor, matched with the command's signature.
struct CursorArguments {
  /// A named argument or flag.
  struct Slot {
    let name: String
    let type: ArgumentType
  }

  private(set) var given: [CursorContext.Given] = []
  /// Flags and keywords that are already used.
  private(set) var used: Set<String> = []
  /// The flag or keyword whose value is expected next.
  private(set) var awaited: Slot?
  /// The argument that the next word belongs to, if any.
  private(set) var next: Slot?
  /// Whether `>` is before the cursor, so that a file name is expected.
  let redirects: Bool
  private let signature: Signature

  init(_ signature: Signature, _ words: some Sequence<CursorFinder.Word>) {
    self.signature = signature
    let words = Array(words)
    redirects =
      words.last.map { $0.text == ">" && !$0.isQuoted } ?? false
      && !signature.positional.contains { $0.type == .rowExpression }
    var position = 0
    /// The argument of a keyword that takes all following words.
    var open: Slot?
    for word in words {
      if let slot = awaited {
        take(word.text, slot.type)
        awaited = nil
      } else if !word.isQuoted, word.text.hasPrefix("--") {
        open = nil
        flag(word.text.dropFirst(2))
      } else if !word.isQuoted, let equals = word.text.firstIndex(of: "="),
        signature.flag(named: String(word.text[..<equals])) != nil
      {
        flag(word.text[...])
      } else if !word.isQuoted, let target = signature.argument(keyword: word.text) {
        used.insert(word.text)
        awaited = Slot(name: target.name, type: target.type)
        open = target.isRepeating ? awaited : nil
      } else if let open {
        take(word.text, open.type)
      } else if let target = Self.positional(position, of: signature) {
        take(word.text, target.type)
        position += 1
      }
    }
    next = open ?? Self.positional(position, of: signature).map { Slot(name: $0.name, type: $0.type) }
  }

  /// Keywords that are not used yet.
  var openKeywords: [String] { signature.arguments.compactMap(\.keyword).filter { !used.contains($0) } }

  /// Flags that are not used yet. Keywords, which can be written as flags too, are left out.
  var openFlags: [String] {
    let keywords = Set(signature.arguments.compactMap(\.keyword))
    return signature.flagNames.filter { !used.contains($0) && !keywords.contains($0) }
  }

  private mutating func flag(_ text: Substring) {
    let name = String(text.prefix { $0 != "=" })
    used.insert(name)
    guard let type = signature.type(ofFlag: name), type != .toggle else { return }
    if let equals = text.firstIndex(of: "="), text.index(after: equals) < text.endIndex {
      take(String(text[text.index(after: equals)...]), type)
    } else {
      awaited = Slot(name: name, type: type)
    }
  }

  private mutating func take(_ text: String, _ type: ArgumentType) {
    given.append(CursorContext.Given(type: type, text: text))
  }

  /// The argument at a position. All words of an expression over columns belong to one argument.
  private static func positional(_ position: Int, of signature: Signature) -> Signature.Argument? {
    let all = signature.positional
    if let expression = all.first(where: { $0.type == .rowExpression }) { return expression }
    if position < all.count { return all[position] }
    return all.last.flatMap { $0.isRepeating ? $0 : nil }
  }
}

extension Signature {
  /// The type that `--NAME` takes; nil where there is no such flag.
  func type(ofFlag name: String) -> ArgumentType? { flag(named: name)?.type ?? argument(flag: name)?.type }
}
