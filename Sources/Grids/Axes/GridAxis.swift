import Base
import Formats

/// A setting in which the runs of a grid differ.
public struct GridAxis: Codable, Sendable, Equatable {
  public enum Kind: Codable, Sendable, Equatable {
    case setting(RunConfiguration.Part, path: String)
    case sessions, cells, seed
  }

  /// One value.
  public struct Level: Codable, Sendable, Equatable {
    /// In names of runs and in tables.
    public var label: String
    /// YAML; for sessions a list of names, for cells a map from sessions to ids.
    public var value: String

    package init(label: String, value: String) { (self.label, self.value) = (label, value) }

    package var node: ConfigNode { get throws { try YAMLDocument.parse(text: value, name: label) } }
  }

  public var kind: Kind
  /// Its column in tables: the end of its path, as much as tells the axes of a grid apart.
  public var label: String
  public var levels: [Level]

  package init(_ kind: Kind, label: String, levels: [Level]) {
    (self.kind, self.label, self.levels) = (kind, label, levels)
  }

  /// The dotted path, or the word for an axis that is none.
  package var path: String {
    switch kind {
    case .setting(_, let path): path
    case .sessions: "sessions"
    case .cells: "cells"
    case .seed: "seed"
    }
  }

  /// `PATH=V1,V2` in its two parts.
  ///
  /// - Throws: a usage failure for a text of another form.
  package static func parts(_ text: String) throws -> (path: String, values: [String]) {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw Failure(
        .usage, "`\(text.shortened)` is not an axis", hint: "write PATH=V1,V2: learning_rate=1e-3,3e-3")
    }
    let path = String(text[..<equals]).trimmingBlanks
    let values = try split(String(text[text.index(after: equals)...])).map(\.trimmingBlanks)
    guard !path.isEmpty, !values.isEmpty, !values.contains("") else {
      throw Failure(.usage, "the axis `\(text.shortened)` has no value, or an empty one", hint: "write PATH=V1,V2")
    }
    if let twice = values.first(where: { value in values.count { $0 == value } > 1 }) {
      throw Failure(.usage, "the axis `\(path)` has the value \(twice) twice", hint: "give each value once")
    }
    return (path, values)
  }

  /// Splits at commas that stand in no bracket and no quotes.
  private static func split(_ text: String) throws -> [String] {
    var parts = [""]
    var depth = 0
    var quote: Character?
    for character in text {
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "\"" || character == "'" {
        quote = character
      } else if "[{(".contains(character) {
        depth += 1
      } else if "]})".contains(character) {
        depth -= 1
      } else if character == ",", depth == 0 {
        parts.append("")
        continue
      }
      parts[parts.count - 1].append(character)
    }
    guard depth == 0, quote == nil else {
      throw Failure(.usage, "`\(text.shortened)`: a bracket or quote is not closed", hint: "close it, e.g. [1, 2]")
    }
    return parts
  }
}

extension String {
  package var trimmingBlanks: String {
    let start = drop(while: \.isWhitespace)
    return start.lastIndex { !$0.isWhitespace }.map { String(start[...$0]) } ?? ""
  }
}
