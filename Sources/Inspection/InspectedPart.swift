/// One part of a file: a row of its listing.
public struct InspectedPart: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    /// A class or function that the file names.
    case callable
    /// A value that is neither a tensor nor an object.
    case setting
    /// What vcsh keeps as a record because it does not know the class or function.
    case object
    case tensor
    /// An entry of a zip.
    case entry
    /// What is left out, and what is odd about the file.
    case note
  }

  public var kind: Kind
  /// The place in the file: `state_dict.core.0.weight`.
  public var name: String
  /// The type of the elements or of the value.
  public var type: String?
  public var shape: [Int]?
  /// Bytes of the values; for an entry its bytes in the file.
  public var byteCount: Int?
  /// Only of a callable, or of what makes the file as a whole suspicious.
  public var verdict: Verdict?
  public var detail: String?
}

/// The parts of a file while they are collected. Their number is limited, and what is left out is counted.
struct Listing {
  static let limit = 50_000

  private var byKind: [InspectedPart.Kind: [InspectedPart]] = [:]
  private var leftOut: [InspectedPart.Kind: Int] = [:]
  private var count = 0
  /// Callables by their full name: how often they are called.
  private var callables: [String: Int] = [:]

  mutating func add(_ part: InspectedPart) {
    // A file may name any number of callables, and each counts for the verdict.
    guard count < Self.limit || part.kind == .callable || part.kind == .note else {
      leftOut[part.kind, default: 0] += 1
      return
    }
    count += 1
    byKind[part.kind, default: []].append(part)
  }

  mutating func note(_ text: String, _ verdict: Verdict? = nil) {
    add(InspectedPart(kind: .note, name: "", verdict: verdict, detail: text))
  }

  /// A class or function that the file names, which Python would call `calls` times.
  mutating func callable(_ module: String, _ name: String, calls: Int) {
    let full = "\(module).\(name)"
    if callables[full] == nil { order.append((module, name)) }
    callables[full, default: 0] += calls
  }

  private var order: [(module: String, name: String)] = []

  var parts: [InspectedPart] {
    let named = order.map { callable in
      let full = "\(callable.module).\(callable.name)"
      let calls = callables[full] ?? 0
      let verdict = Verdict(module: callable.module, name: callable.name)
      let count = calls == 0 ? "named" : calls == 1 ? "called once" : "called \(calls) times"
      return InspectedPart(
        kind: .callable, name: full.shortened, verdict: verdict, detail: "\(count); \(verdict.consequence)")
    }
    let left = InspectedPart.Kind.allCases.compactMap { kind in
      leftOut[kind].map {
        InspectedPart(kind: .note, name: "", detail: "\($0) more parts of the kind \(kind.rawValue) are not listed")
      }
    }
    return named + InspectedPart.Kind.allCases.flatMap { byKind[$0] ?? [] } + left
  }
}
