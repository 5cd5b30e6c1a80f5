import Foundation

/// A page of README or docs, and the code blocks in it.
///
/// What a block is follows from its first line: `vcsh` holds commands, or a recipe if it begins with `vcsh 1`; the block
/// without a word right after it is what its last command shows; `sh` holds lines for a shell; `text` is for reading alone.
/// A comment that begins with a line `<!-- check` holds commands, too: they check the sentence above it, and no reader of the
/// page sees them.
public struct DocumentPage: Sendable {
  public enum Kind: Sendable, Equatable {
    case commands
    case recipe
    /// What the commands before it show.
    case output
    case shell
    /// Commands that check what the page says.
    case check
    case other(String)
  }

  public struct Block: Sendable {
    public var kind: Kind
    public var text: String
    /// The lines between the fences, by index.
    public var lines: Range<Int>
  }

  /// From the project's folder.
  public let name: String
  public let lines: [String]
  public let blocks: [Block]

  public static let project = URL(filePath: Fixtures.root).deletingLastPathComponent().deletingLastPathComponent().path

  /// Folders of pages that are written by hand.
  public static let folders = ["docs", "docs/guide", "docs/how-to"]

  /// Every page that is written by hand; `docs/commands.md` is made from the signatures.
  public static let names: [String] =
    ["README.md", "integrations/jupyter/README.md"]
    + folders.flatMap { names(in: $0) }.filter { $0 != "docs/commands.md" }

  /// The pages of one folder, in order.
  public static func names(in folder: String) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: project + "/" + folder)) ?? []
    return files.filter { $0.hasSuffix(".md") }.sorted().map { folder + "/" + $0 }
  }

  public init(_ name: String) throws {
    self.init(name: name, text: try String(contentsOfFile: Self.project + "/" + name, encoding: .utf8))
  }

  public init(name: String, text: String) {
    self.name = name
    lines = text.components(separatedBy: "\n")
    var blocks: [Block] = []
    var start: Int?
    var word = ""
    var follows = false
    for (index, line) in lines.enumerated() {
      if line.hasPrefix("```"), let first = start {
        let text = lines[first..<index].joined(separator: "\n")
        let kind = Self.kind(word, text, followsCommands: follows)
        blocks.append(Block(kind: kind, text: text, lines: first..<index))
        follows = kind == .commands
        start = nil
      } else if line == "-->", word == Self.check, let first = start {
        blocks.append(Block(kind: .check, text: lines[first..<index].joined(separator: "\n"), lines: first..<index))
        start = nil
      } else if line == Self.check {
        start = index + 1
        word = line
        follows = false
      } else if line.hasPrefix("```") {
        start = index + 1
        word = String(line.dropFirst(3))
      } else if start == nil, !line.isEmpty {
        follows = false
      }
    }
    self.blocks = blocks
  }

  private static let check = "<!-- check"

  private static func kind(_ word: String, _ text: String, followsCommands: Bool) -> Kind {
    switch word {
    case "vcsh": text.hasPrefix("vcsh 1") ? .recipe : .commands
    case "sh": .shell
    case "" where followsCommands: .output
    default: .other(word)
    }
  }

  /// Relative links: the file, empty for this page, and the anchor behind `#`.
  public var links: [(path: String, anchor: String?)] {
    prose.flatMap { line in
      line.matches(of: /\]\(([^)#:]*)(?:#([^)]*))?\)/).map { (String($0.1), $0.2.map(String.init)) }
    }
  }

  /// What a link to a heading of this page may name, as GitHub makes it.
  public var anchors: Set<String> {
    Set(
      prose.filter { $0.hasPrefix("#") }.map { line in
        line.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces).lowercased()
          .filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }.replacing(" ", with: "-")
      })
  }

  /// The text under the heading `## title`, up to the next one of its kind: paragraphs outside of all blocks, each with
  /// whether a check follows it directly.
  public func paragraphs(under title: String) -> [(text: String, isChecked: Bool)] {
    var found: [(text: String, isChecked: Bool)] = []
    var isInside = false
    var isOpen = false
    for index in lines.indices {
      let line = lines[index]
      if let block = blocks.first(where: { $0.lines.lowerBound == index }) {
        if isInside, block.kind == .check, !found.isEmpty { found[found.count - 1].isChecked = true }
      }
      if blocks.contains(where: { $0.lines.contains(index) }) || line.hasPrefix("```") || line == Self.check
        || line == "-->"
      {
        isOpen = false
      } else if line.hasPrefix("## ") {
        isInside = line == "## " + title
        isOpen = false
      } else if line.isEmpty {
        isOpen = false
      } else if isInside, isOpen {
        found[found.count - 1].text += " " + line
      } else if isInside {
        found.append((line, false))
        isOpen = true
      }
    }
    return found
  }

  /// The lines outside of all blocks.
  private var prose: [String] {
    lines.indices.filter { index in !blocks.contains { $0.lines.contains(index) } }.map { lines[$0] }
  }
}
