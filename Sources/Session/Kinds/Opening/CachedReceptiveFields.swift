import Base
import Formats
import Foundation
import Language
import Workspace

/// A cache of receptive fields as a table of its numbers, one row a cell.
struct CachedReceptiveFields {
  let cache: EvaluationCache
  private let request: OpenRequest

  init(_ cache: EvaluationCache, for request: OpenRequest) {
    self.cache = cache
    self.request = request
  }

  /// Keeps the table under the name that was given, or the file's.
  func open() throws -> Table {
    let path = cache.archive.path
    let numbers = cache.cellNumbers
    guard let cells = numbers.first?.array.shape.first else {
      throw Failure(.format, "\(path): receptive fields without numbers of the cells")
    }
    var columns = [Column("position", (0..<cells).map { Optional($0) })]
    for (name, array) in numbers {
      let values = try cache.archive.doubles(array).map { $0.isFinite ? Optional($0) : nil }
      if array.shape.count == 1 {
        columns.append(Column(name, values))
      } else {
        for (axis, suffix) in ["y", "x"].enumerated() {
          columns.append(Column("\(name)_\(suffix)", (0..<cells).map { values[2 * $0 + axis] }))
        }
      }
    }
    request.session.note("\(path): a cache of receptive fields holds no cids: rows are positions, not cells' ids")
    let table = Table(columns)
    let digest = try request.session.workspace.objects.put(ValueCodec.encode(.table(table)))
    let payload = TablePayload(rows: cells, columns: table.names, object: digest)
    try request.keep(payload, as: request.name(or: request.stem))
    return table
  }
}
