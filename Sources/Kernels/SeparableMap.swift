/// A linear map of planes that acts along rows and along columns: y = R x C^T for every plane x.
///
/// Shapes: planes `[plane, height, width]` -> `[plane, out height, out width]`; `rows` `[out height, height]`,
/// `columns` `[out width, width]`.
public struct SeparableMap: Sendable {
  public let rows: [Float]
  public let columns: [Float]
  public let height: Int
  public let width: Int
  public let outHeight: Int
  public let outWidth: Int

  /// - Precondition: `rows` and `columns` are whole matrices for planes of this size.
  public init(rows: [Float], columns: [Float], height: Int, width: Int) {
    precondition(height > 0 && width > 0 && rows.count % height == 0 && columns.count % width == 0)
    self.rows = rows
    self.columns = columns
    self.height = height
    self.width = width
    outHeight = rows.count / height
    outWidth = columns.count / width
  }

  public func callAsFunction(_ planes: [Float]) -> [Float] { alongRows(alongColumns(planes)) }

  /// From the output's gradient to those of the planes and of both matrices.
  public func pullback(_ gradient: [Float], planes: [Float]) -> (planes: [Float], rows: [Float], columns: [Float]) {
    let count = planes.count / (height * width)
    precondition(gradient.count == count * outHeight * outWidth && planes.count == count * height * width)
    let across = alongColumns(planes)
    var acrossGradient = Elementwise.unfilled(across.count)
    var rowsGradient = [Float](repeating: 0, count: rows.count)
    for index in 0..<count {
      let (out, mid) = (index * outHeight * outWidth, index * height * outWidth)
      BLAS.sgemm(
        m: height, n: outWidth, k: outHeight, a: rows, lda: height, transposeA: true, b: gradient, bOffset: out,
        c: &acrossGradient, cOffset: mid)
      BLAS.sgemm(
        m: outHeight, n: height, k: outWidth, a: gradient, aOffset: out, b: across, bOffset: mid, transposeB: true,
        beta: 1, c: &rowsGradient)
    }
    var planesGradient = Elementwise.unfilled(planes.count)
    BLAS.sgemm(m: count * height, n: width, k: outWidth, a: acrossGradient, b: columns, c: &planesGradient)
    var columnsGradient = [Float](repeating: 0, count: columns.count)
    BLAS.sgemm(
      m: outWidth, n: width, k: count * height, a: acrossGradient, lda: outWidth, transposeA: true, b: planes,
      c: &columnsGradient)
    return (planesGradient, rowsGradient, columnsGradient)
  }

  /// `[plane, height, width]` -> `[plane, height, out width]`
  private func alongColumns(_ planes: [Float]) -> [Float] {
    let lines = planes.count / width
    var across = Elementwise.unfilled(lines * outWidth)
    BLAS.sgemm(m: lines, n: outWidth, k: width, a: planes, b: columns, transposeB: true, c: &across)
    return across
  }

  private func alongRows(_ across: [Float]) -> [Float] {
    let count = across.count / (height * outWidth)
    var out = Elementwise.unfilled(count * outHeight * outWidth)
    for index in 0..<count {
      BLAS.sgemm(
        m: outHeight, n: outWidth, k: height, a: rows, b: across, bOffset: index * height * outWidth, c: &out,
        cOffset: index * outHeight * outWidth)
    }
    return out
  }
}
