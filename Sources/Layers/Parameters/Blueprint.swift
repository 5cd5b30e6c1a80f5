import Base
import Formats
import Synchronization

/// Stands for a checkpoint that is not there yet: layers that are built from it say which tensors they need, and how these
/// start.
package final class Blueprint: ArraySource {
  package struct Declaration: Sendable, Equatable {
    package var name: String
    package var shape: [Int]
    package var start: Start
    package var isCounter: Bool
  }

  /// Cells of each head.
  package let cellCounts: [Int]
  private let isThere: @Sendable (String) -> Bool
  private let declared = Mutex<[Declaration]>([])
  /// Drawn values are floats, some of them from doubles, and may be put beside those of the tensor before.
  private static let bytesOfValue = 16

  package init(cellCounts: [Int]) {
    self.cellCounts = cellCounts
    isThere = { _ in true }
  }

  /// For a twin that is made from another one: what a layer may have or not, it has where it had it there.
  ///
  /// - Parameter formerName: what a tensor was called there; nil for one of a new layer.
  package init(cellCounts: [Int], after source: any ArraySource, formerName: @escaping @Sendable (String) -> String?) {
    self.cellCounts = cellCounts
    let scopes = Set(source.arrayNames.flatMap(Self.scopes))
    isThere = { name in
      guard let former = formerName(name), source.info(former) == nil else { return true }
      return !scopes.contains(Self.scopes(former).last ?? "")
    }
  }

  /// `frontend`, `frontend.conv` of `frontend.conv.weight`.
  private static func scopes(_ name: String) -> [String] {
    let parts = name.split(separator: ".")
    return (1..<max(1, parts.count)).map { parts[..<$0].joined(separator: ".") }
  }

  /// Whether an optional tensor is to be there.
  package func has(_ name: String) -> Bool { isThere(name) }

  /// In the order in which the layers asked for them.
  package var declarations: [Declaration] { declared.withLock { $0 } }

  /// - Parameter isCounter: it counts: an integer in the checkpoint.
  /// - Throws: `unsupported` where the tensors declared so far would take too much memory.
  package func declare(_ name: String, _ shape: [Int], _ start: Start, isCounter: Bool) throws {
    let before = declarations.reduce(0) { $0 + $1.shape.reduce(1, *) }
    let own = shape.reduce(1.0) { $0 * Double($1) }
    // Far from the largest integer, so that nothing overflows.
    let values = Int(min(1e15, Double(before) + own))
    try MemoryLimit.check(values * Self.bytesOfValue, "`\(name)` of shape \(shape), with the tensors before it,")
    declared.withLock {
      $0.append(Declaration(name: name, shape: shape, start: start, isCounter: isCounter))
    }
  }

  package var origin: String { "the untrained twin" }
  package var arrayNames: [String] { declarations.map(\.name) }

  package func info(_ name: String) -> ArrayInfo? {
    declarations.first { $0.name == name }.map {
      ArrayInfo(shape: $0.shape, scalar: $0.isCounter ? .int64 : .float32)
    }
  }

  private func noValues(_ name: String) -> Failure {
    Failure(.unsupported, "\(origin): `\(name)` has no values yet")
  }

  package func tensor(_ name: String) throws -> Tensor { throw noValues(name) }
  package func tensor(_ name: String, rows: Range<Int>) throws -> Tensor { throw noValues(name) }
  package func integers(_ name: String) throws -> [Int] { throw noValues(name) }
  package func doubles(_ name: String) throws -> [Double] { throw noValues(name) }
}
