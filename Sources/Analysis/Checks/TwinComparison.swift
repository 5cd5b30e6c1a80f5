import Base
import Formats
import Layers
import Twin

/// The tensors of two twins side by side, joined by name, and by session where a head owns them.
package struct TwinComparison {
  /// One of the two twins.
  package struct Side {
    package var name: String
    package var architecture: TwinArchitecture
    package var source: any ArraySource

    package init(_ name: String, _ architecture: TwinArchitecture, source: any ArraySource) {
      self.name = name
      self.architecture = architecture
      self.source = source
    }
  }

  package enum Status: String, CaseIterable, Sendable {
    case identical, changed
    case reshaped
    case onlyInA = "only in a"
    case onlyInB = "only in b"
  }

  package struct Row: Sendable {
    package var part: Part
    /// Session of the head, or its number where it has no name.
    package var head: String?
    package var nameA: String?
    package var nameB: String?
    package var shapeA: [Int]?
    package var shapeB: [Int]?
    package var types: [ScalarType]
    package var status: Status
    package var difference: TensorDifference?

    package var count: Int { (shapeA ?? shapeB ?? []).reduce(1, *) }
  }

  package private(set) var rows: [Row] = []
  /// How heads were joined, where names do not say it.
  package let note: String?

  /// Reads every tensor of both twins once.
  package init(_ a: Side, _ b: Side, work: Work) throws {
    let labels = HeadLabels(a, b)
    note = labels.note
    let others = Dictionary(
      b.architecture.parameters.map { (labels.key($0, ofB: true), $0) }, uniquingKeysWith: { first, _ in first })
    var met: Set<String> = []
    for own in a.architecture.parameters {
      try work.cancellation.check()
      let key = labels.key(own, ofB: false)
      met.insert(key)
      rows.append(try Self.row(own, others[key], a, b, head: labels.label(own, ofB: false)))
    }
    for other in b.architecture.parameters where !met.contains(labels.key(other, ofB: true)) {
      rows.append(try Self.row(nil, other, a, b, head: labels.label(other, ofB: true)))
    }
  }

  private static func row(
    _ own: ParameterInfo?, _ other: ParameterInfo?, _ a: Side, _ b: Side, head: String?
  ) throws -> Row {
    let types = [own.flatMap { a.source.info($0.name) }, other.flatMap { b.source.info($0.name) }].compactMap {
      $0?.scalar
    }
    var row = Row(
      part: own?.part ?? other?.part ?? .other, head: head, nameA: own?.name, nameB: other?.name, shapeA: own?.shape,
      shapeB: other?.shape, types: types, status: .changed)
    guard let own else {
      row.status = .onlyInB
      return row
    }
    guard let other else {
      row.status = .onlyInA
      return row
    }
    guard own.shape == other.shape else {
      row.status = .reshaped
      return row
    }
    let difference = TensorDifference(try a.source.doubles(own.name), try b.source.doubles(other.name))
    row.difference = difference
    row.status = difference.changed == 0 ? .identical : .changed
    return row
  }
}

/// Labels of two twins' heads; heads of one session have the same label.
private struct HeadLabels {
  let note: String?
  private let a: [Int: String]
  private let b: [Int: String]

  init(_ a: TwinComparison.Side, _ b: TwinComparison.Side) {
    let names = [a, b].map { twin in
      Dictionary(
        twin.architecture.heads.compactMap { head in head.session.map { (head.index, $0) } },
        uniquingKeysWith: { first, _ in first })
    }
    let counts = [a, b].map(\.architecture.heads.count)
    // Where one twin has no names of sessions, heads can be joined by position alone.
    if let unnamed = names.firstIndex(where: \.isEmpty), !names[1 - unnamed].isEmpty {
      note = "the heads of `\([a, b][unnamed].name)` have no names: joined by position"
      self.a = names[1 - unnamed]
      self.b = names[1 - unnamed]
    } else {
      note = names[0].isEmpty && counts.contains { $0 > 1 } ? "heads have no names: joined by position" : nil
      self.a = names[0]
      self.b = names[1]
    }
  }

  func label(_ parameter: ParameterInfo, ofB isB: Bool) -> String? {
    parameter.head.map { (isB ? b : a)[$0] ?? "head \($0)" }
  }

  /// `readout Sim_2025-01-10 features.weight`: the number of the head, if any, replaced by its label.
  func key(_ parameter: ParameterInfo, ofB isB: Bool) -> String {
    guard let label = label(parameter, ofB: isB) else { return parameter.name }
    let pieces = parameter.name.split(separator: ".", omittingEmptySubsequences: false).dropFirst()
    let rest = pieces.first.flatMap { Int($0) } == nil ? pieces : pieces.dropFirst()
    return "\(parameter.part.rawValue) \(label) \(rest.joined(separator: "."))"
  }
}
