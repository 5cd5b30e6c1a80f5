/// Dense float32 array, row-major.
///
/// Axis names, wherever a shape is documented: batch, channel, time, height, width, cell, trial, lag.
public struct Tensor: Sendable, Equatable {
  public private(set) var shape: [Int]
  public var values: [Float]

  /// - Precondition: `values.count` is the product of `shape`. Check data from files before you call this.
  public init(shape: [Int], values: [Float]) {
    precondition(
      values.count == shape.reduce(1, *),
      "tensor of shape \(shape) needs \(shape.reduce(1, *)) values, has \(values.count)")
    self.shape = shape
    self.values = values
  }

  public init(zeros shape: [Int]) {
    self.init(shape: shape, values: [Float](repeating: 0, count: shape.reduce(1, *)))
  }

  public var count: Int { values.count }
  public var rank: Int { shape.count }

  /// The number of values in one row of the first axis: the product of the other axes.
  public var rowCount: Int { shape.dropFirst().reduce(1, *) }

  /// The same values under another shape.
  public func reshaped(_ shape: [Int]) -> Tensor { Tensor(shape: shape, values: values) }

  /// Row `index` of the first axis, without that axis.
  public subscript(row index: Int) -> Tensor {
    let width = rowCount
    return Tensor(shape: Array(shape.dropFirst()), values: Array(values[index * width..<(index + 1) * width]))
  }

  /// Rows `range` of the first axis.
  public subscript(rows range: Range<Int>) -> Tensor {
    let width = rowCount
    return Tensor(
      shape: [range.count] + shape.dropFirst(),
      values: Array(values[range.lowerBound * width..<range.upperBound * width]))
  }

  /// The rows at `indices` of the first axis, in that order.
  public func gathering(rows indices: [Int]) -> Tensor {
    let width = rowCount
    var out: [Float] = []
    out.reserveCapacity(indices.count * width)
    for index in indices { out.append(contentsOf: values[index * width..<(index + 1) * width]) }
    return Tensor(shape: [indices.count] + shape.dropFirst(), values: out)
  }

  /// Some columns of `[row, column]`, in the given order.
  public func selecting(columns: [Int]) -> Tensor {
    precondition(rank == 2, "columns of a tensor of rank \(rank)")
    let width = shape[1]
    return Tensor(
      shape: [shape[0], columns.count],
      values: (0..<shape[0]).flatMap { row in columns.map { values[row * width + $0] } })
  }

  /// Column `index` of a matrix `[time, cell]`.
  public func column(_ index: Int) -> [Float] {
    precondition(rank == 2, "column of a tensor of rank \(rank)")
    let width = shape[1]
    return (0..<shape[0]).map { values[$0 * width + index] }
  }
}
