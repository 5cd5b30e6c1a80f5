import CKernels
import COpenBLAS

/// Matrix products and solves of OpenBLAS, row-major unless said otherwise, on the calling thread alone.
///
/// Parallel work runs over samples, frames or cells (see `Parallel`), never inside a product.
public enum BLAS {
  /// The core type that OpenBLAS runs on after the mend at its start: `SkylakeX`, `Haswell`, …
  public static var coreName: String { String(cString: blas_core_name()) }

  /// c = alpha a b + beta c, with `a` m x k (or its transpose), `b` k x n, `c` m x n, each a part of a larger array.
  ///
  /// - Precondition: offsets and leading dimensions stay inside the arrays.
  public static func sgemm(
    m: Int, n: Int, k: Int, alpha: Float = 1,
    a: [Float], aOffset: Int = 0, lda: Int? = nil, transposeA: Bool = false,
    b: [Float], bOffset: Int = 0, ldb: Int? = nil, transposeB: Bool = false,
    beta: Float = 0, c: inout [Float], cOffset: Int = 0, ldc: Int? = nil
  ) {
    guard m > 0, n > 0 else { return }
    let lda = lda ?? (transposeA ? m : k)
    let ldb = ldb ?? (transposeB ? k : n)
    let ldc = ldc ?? n
    check(rows: transposeA ? k : m, columns: transposeA ? m : k, stride: lda, offset: aOffset, count: a.count)
    check(rows: transposeB ? n : k, columns: transposeB ? k : n, stride: ldb, offset: bOffset, count: b.count)
    check(rows: m, columns: n, stride: ldc, offset: cOffset, count: c.count)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          sgemm(
            m: m, n: n, k: k, alpha: alpha, a: a + aOffset, lda: lda, transposeA: transposeA, b: b + bOffset, ldb: ldb,
            transposeB: transposeB, beta: beta, c: c + cOffset, ldc: ldc)
        }
      }
    }
  }

  /// The same on pointers, for kernels.
  static func sgemm(
    m: Int, n: Int, k: Int, alpha: Float = 1, a: UnsafePointer<Float>, lda: Int, transposeA: Bool = false,
    b: UnsafePointer<Float>, ldb: Int, transposeB: Bool = false, beta: Float, c: UnsafeMutablePointer<Float>, ldc: Int
  ) {
    blas_sgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, Int32(m), Int32(n),
      Int32(k), alpha, a, Int32(lda), b, Int32(ldb), beta, c, Int32(ldc))
  }

  /// y = alpha a x + beta y, with `a` rows x columns (or its transpose).
  public static func sgemv(
    rows: Int, columns: Int, alpha: Float = 1, a: [Float], aOffset: Int = 0, lda: Int? = nil, transpose: Bool = false,
    x: [Float], xOffset: Int = 0, beta: Float = 0, y: inout [Float], yOffset: Int = 0
  ) {
    guard rows > 0, columns > 0 else { return }
    let lda = lda ?? columns
    check(rows: rows, columns: columns, stride: lda, offset: aOffset, count: a.count)
    check(rows: 1, columns: transpose ? rows : columns, stride: 0, offset: xOffset, count: x.count)
    check(rows: 1, columns: transpose ? columns : rows, stride: 0, offset: yOffset, count: y.count)
    a.withUnsafeBufferPointer { a in
      x.withUnsafeBufferPointer { x in
        y.withUnsafeMutableBufferPointer { y in
          guard let a = a.baseAddress, let x = x.baseAddress, let y = y.baseAddress else { return }
          blas_sgemv(
            CblasRowMajor, transpose ? CblasTrans : CblasNoTrans, Int32(rows), Int32(columns), alpha, a + aOffset,
            Int32(lda), x + xOffset, 1, beta, y + yOffset, 1)
        }
      }
    }
  }

  /// Solves a x = b for a symmetric positive definite `a` (n x n; its lower triangle in row-major order is read).
  ///
  /// - Returns: x, or nil where `a` is not positive definite.
  public static func dposv(_ a: [Double], _ b: [Double]) -> [Double]? {
    let n = b.count
    precondition(a.count == n * n, "a \(n)-vector needs a \(n)x\(n) matrix, has \(a.count) values")
    guard n > 0 else { return [] }
    var factor = a
    var solution = b
    var size = Int32(n)
    var columns: Int32 = 1
    var info: Int32 = 0
    // Row-major lower is column-major upper.
    var triangle = CChar(UInt8(ascii: "U"))
    lapack_dposv(&triangle, &size, &columns, &factor, &size, &solution, &size, &info)
    return info == 0 ? solution : nil
  }

  /// The same for several right sides: `b` and x are n x columns.
  public static func dposv(_ a: [Double], _ b: [Double], columns count: Int) -> [Double]? {
    guard count > 0, !b.isEmpty else { return [] }
    let n = b.count / count
    precondition(
      a.count == n * n && b.count == n * count, "\(n)x\(count) needs a \(n)x\(n) matrix, has \(a.count) values")
    var factor = a
    // Column-major, as LAPACK has it.
    var solution = (0..<count).flatMap { column in (0..<n).map { b[$0 * count + column] } }
    var size = Int32(n)
    var columns = Int32(count)
    var info: Int32 = 0
    var triangle = CChar(UInt8(ascii: "U"))
    lapack_dposv(&triangle, &size, &columns, &factor, &size, &solution, &size, &info)
    guard info == 0 else { return nil }
    return (0..<n).flatMap { row in (0..<count).map { solution[$0 * n + row] } }
  }

  /// Adds a^T a to the lower triangle of `sum`, with `a` rows x columns and `sum` columns x columns.
  public static func addGram(_ a: [Double], rows: Int, columns: Int, to sum: inout [Double]) {
    precondition(
      a.count == rows * columns && sum.count == columns * columns,
      "\(rows)x\(columns) in \(a.count) values, added to \(sum.count)")
    guard rows > 0, columns > 0 else { return }
    blas_dsyrk(
      CblasRowMajor, CblasLower, CblasTrans, Int32(columns), Int32(rows), 1, a, Int32(columns), 1, &sum, Int32(columns))
  }

  /// Eigenvalues, ascending, and eigenvectors of a symmetric `a` (n x n; its lower triangle in row-major order is read).
  ///
  /// - Returns: `vectors` n x n, row i the unit vector of `values[i]`; nil where `a` holds what is not finite or the
  ///   iteration does not settle.
  public static func dsyevd(_ a: [Double], size: Int) -> (values: [Double], vectors: [Double])? {
    precondition(a.count == size * size, "a \(size)x\(size) matrix has \(a.count) values")
    guard size > 0 else { return ([], []) }
    guard a.allSatisfy(\.isFinite) else { return nil }
    var vectors = a
    var values = [Double](repeating: 0, count: size)
    var n = Int32(size)
    var info: Int32 = 0
    var job = CChar(UInt8(ascii: "V"))
    // Row-major lower is column-major upper; column-major columns are row-major rows.
    var triangle = CChar(UInt8(ascii: "U"))
    // Lengths that LAPACK documents as enough for vectors.
    var workCount = Int32(1 + 6 * size + 2 * size * size)
    var integerCount = Int32(3 + 5 * size)
    var work = [Double](repeating: 0, count: Int(workCount))
    var integers = [Int32](repeating: 0, count: Int(integerCount))
    lapack_dsyevd(&job, &triangle, &n, &vectors, &n, &values, &work, &workCount, &integers, &integerCount, &info)
    return info == 0 ? (values, vectors) : nil
  }

  private static func check(rows: Int, columns: Int, stride: Int, offset: Int, count: Int) {
    precondition(
      offset >= 0 && (rows <= 1 || stride >= columns)
        && (rows == 0 || columns == 0 || offset + (rows - 1) * stride + columns <= count),
      "matrix \(rows)x\(columns) at \(offset), row distance \(stride), in \(count) values")
  }
}
