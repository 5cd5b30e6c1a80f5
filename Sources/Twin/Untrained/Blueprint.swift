import Base
import Formats
import Synchronization

/// Stands for a checkpoint that is not there yet: layers that are built from it say which tensors they need, and how these
/// start.
final class Blueprint: ArraySource {
  struct Declaration: Sendable, Equatable {
    var name: String
    var shape: [Int]
    var start: Start
    var isCounter: Bool
  }

  /// Cells of each head.
  let cellCounts: [Int]
  private let declared = Mutex<[Declaration]>([])

  init(cellCounts: [Int]) { self.cellCounts = cellCounts }

  /// In the order in which the layers asked for them.
  var declarations: [Declaration] { declared.withLock { $0 } }

  /// - Parameter isCounter: it counts: an integer in the checkpoint.
  func declare(_ name: String, _ shape: [Int], _ start: Start, isCounter: Bool) {
    declared.withLock {
      $0.append(Declaration(name: name, shape: shape, start: start, isCounter: isCounter))
    }
  }

  var origin: String { "the untrained twin" }
  var arrayNames: [String] { declarations.map(\.name) }

  func info(_ name: String) -> ArrayInfo? {
    declarations.first { $0.name == name }.map {
      ArrayInfo(shape: $0.shape, scalar: $0.isCounter ? .int64 : .float32)
    }
  }

  private func noValues(_ name: String) -> Failure {
    Failure(.unsupported, "\(origin): `\(name)` has no values yet")
  }

  func tensor(_ name: String) throws -> Tensor { throw noValues(name) }
  func tensor(_ name: String, rows: Range<Int>) throws -> Tensor { throw noValues(name) }
  func integers(_ name: String) throws -> [Int] { throw noValues(name) }
  func doubles(_ name: String) throws -> [Double] { throw noValues(name) }
}
