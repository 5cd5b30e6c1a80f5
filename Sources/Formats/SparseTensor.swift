import Base

/// A sparse tensor of torch: coordinates (COO), or compressed rows or columns, also of blocks (CSR, CSC, BSR, BSC).
///
/// Source: `torch._utils._rebuild_sparse_tensor`; layouts as in torch's documentation of sparse tensors.
struct SparseTensor: Sendable {
  let layout: String
  /// COO: `[axis, entry]`; else where each row's or column's entries begin: `[row + 1]`.
  let indices: TensorReference
  /// The other axis of each entry; nil for COO.
  let plain: TensorReference?
  /// `[entry]`; for hybrid tensors and blocks with further axes.
  let values: TensorReference
  let shape: [Int]

  /// Numbers of the dense form that vcsh makes at most.
  static let sizeLimit = 1 << 26

  /// - Parameter arguments: the layout, then a tuple of indices, values and size.
  init?(_ arguments: [PickleValue]) {
    guard arguments.count >= 2, let parts = arguments[1].items else { return nil }
    var name = arguments[0].stringValue ?? ""
    if case .global(_, let global) = arguments[0].kind { name = global }
    layout = String(name.split(separator: ".").last ?? "")
    let isCOO = layout == "sparse_coo"
    guard ["sparse_coo", "sparse_csr", "sparse_csc", "sparse_bsr", "sparse_bsc"].contains(layout),
      parts.count >= (isCOO ? 3 : 4), let indices = parts[0].tensorReference,
      let values = parts[isCOO ? 1 : 2].tensorReference, let sizes = parts[isCOO ? 2 : 3].items
    else { return nil }
    self.indices = indices
    self.values = values
    plain = isCOO ? nil : parts[1].tensorReference
    shape = sizes.compactMap(\.intValue)
    guard shape.count == sizes.count, isCOO || plain != nil && shape.count == 2, values.shape.count >= 1 else {
      return nil
    }
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow, product <= Self.sizeLimit else { return nil }
      count = product
    }
  }

  /// All numbers, row-major. Entries of one place are added, as torch does.
  ///
  /// - Throws: `format` where an index lies outside the shape.
  func dense(in archive: TorchArchive, named name: String) throws -> [Double] {
    let damaged = Failure(.format, "\(archive.path): `\(name)`: its sparse indices do not fit shape \(shape)")
    let entries = values.shape[0]
    let numbers = try archive.doubles(values)
    let places = try archive.integers(indices)
    var out = [Double](repeating: 0, count: shape.reduce(1, *))
    if let plain {
      try compressed(numbers, places, archive.integers(plain), into: &out, damaged)
      return out
    }
    guard indices.shape.count == 2, indices.shape[1] == entries, indices.shape[0] <= shape.count,
      Array(values.shape.dropFirst()) == Array(shape.dropFirst(indices.shape[0]))
    else { throw damaged }
    let axes = indices.shape[0]
    let width = values.shape.dropFirst().reduce(1, *)
    for entry in 0..<entries {
      var place = 0
      for axis in 0..<axes {
        let index = places[axis * entries + entry]
        guard index >= 0, index < shape[axis] else { throw damaged }
        place = place * shape[axis] + index
      }
      for step in 0..<width { out[place * width + step] += numbers[entry * width + step] }
    }
    return out
  }

  private func compressed(
    _ numbers: [Double], _ starts: [Int], _ others: [Int], into out: inout [Double], _ damaged: Failure
  ) throws {
    let byRow = layout == "sparse_csr" || layout == "sparse_bsr"
    let block = values.shape.count == 3 ? (values.shape[1], values.shape[2]) : (1, 1)
    let entries = values.shape[0]
    guard values.shape.count == 1 || values.shape.count == 3, others.count == entries, starts.first == 0,
      starts.last == entries, block.0 > 0, block.1 > 0, shape[0] % block.0 == 0, shape[1] % block.1 == 0,
      starts.count - 1 == (byRow ? shape[0] / block.0 : shape[1] / block.1)
    else { throw damaged }
    let limit = byRow ? shape[1] / block.1 : shape[0] / block.0
    for line in 0..<starts.count - 1 {
      guard starts[line] <= starts[line + 1], starts[line] >= 0, starts[line + 1] <= entries else { throw damaged }
      for entry in starts[line]..<starts[line + 1] {
        guard others[entry] >= 0, others[entry] < limit else { throw damaged }
        let row = (byRow ? line : others[entry]) * block.0
        let column = (byRow ? others[entry] : line) * block.1
        for y in 0..<block.0 {
          for x in 0..<block.1 {
            out[(row + y) * shape[1] + column + x] += numbers[(entry * block.0 + y) * block.1 + x]
          }
        }
      }
    }
  }
}
