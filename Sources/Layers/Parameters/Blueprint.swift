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
  private let declared = Mutex<[Declaration]>([])

  package init(cellCounts: [Int]) { self.cellCounts = cellCounts }

  /// In the order in which the layers asked for them.
  package var declarations: [Declaration] { declared.withLock { $0 } }

  /// - Parameter isCounter: it counts: an integer in the checkpoint.
  package func declare(_ name: String, _ shape: [Int], _ start: Start, isCounter: Bool) {
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
