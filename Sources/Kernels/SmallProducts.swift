import CKernels

/// Matrix products with few rows or columns, on the calling thread: OpenBLAS would spend as long on packing the large matrix as on
/// the product.
public enum SmallProducts {
  /// c += aᵀ b.
  ///
  /// - Shapes: a `[k, m]`, b `[k, n]`, c `[m, n]`, each a part of a larger array
  /// - Precondition: offsets and row distances stay inside the arrays.
  public static func add(
    m: Int, n: Int, k: Int, a: [Float], aOffset: Int = 0, lda: Int, b: [Float], bOffset: Int = 0, ldb: Int,
    to c: inout [Float], cOffset: Int = 0, ldc: Int
  ) {
    guard m > 0, n > 0, k > 0 else { return }
    check(rows: k, columns: m, distance: lda, offset: aOffset, count: a.count)
    check(rows: k, columns: n, distance: ldb, offset: bOffset, count: b.count)
    check(rows: m, columns: n, distance: ldc, offset: cOffset, count: c.count)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          ck_add_products(a + aOffset, lda, b + bOffset, ldb, c + cOffset, ldc, m, n, k)
        }
      }
    }
  }

  /// The same for a square c of which only the lower triangle is needed; some numbers above it are added to as well.
  ///
  /// - Parameter columns: as far as b and c have numbers, at least `size`.
  public static func addLower(
    size: Int, columns: Int, k: Int, a: [Float], aOffset: Int = 0, lda: Int, b: [Float], bOffset: Int = 0, ldb: Int,
    to c: inout [Float], ldc: Int
  ) {
    for row in stride(from: 0, to: size, by: triangleRows) {
      let rows = min(triangleRows, size - row)
      add(
        m: rows, n: min(columns, (row + rows + 15) / 16 * 16), k: k, a: a, aOffset: aOffset + row, lda: lda, b: b,
        bOffset: bOffset, ldb: ldb, to: &c, cOffset: row * ldc, ldc: ldc)
    }
  }

  private static let triangleRows = 24

  /// Columns that maps are multiplied with, as the kernel reads them.
  public struct Panel: Sendable {
    public let pixels: Int
    public let columns: Int
    /// `[pixel, column]`, rows filled up with zeros to a multiple of eight columns.
    let values: [Float]

    /// - Parameter value: of a pixel in a column.
    public init(pixels: Int, columns: Int, _ value: (_ pixel: Int, _ column: Int) -> Double) {
      self.pixels = pixels
      self.columns = columns
      let lanes = (columns + 7) / 8 * 8
      var values = [Float](repeating: 0, count: pixels * lanes)
      for pixel in 0..<pixels {
        for column in 0..<columns { values[pixel * lanes + column] = Float(value(pixel, column)) }
      }
      self.values = values
    }
  }

  /// out(row, column) = sum over pixels of map and panel.
  ///
  /// - Parameters:
  ///   - maps: `[row, pixel]` from `offset`, `distance` values from row to row.
  ///   - rowStep, columnStep: values between neighbours in `out`, from `outOffset`.
  public static func project(
    _ maps: [Float], offset: Int = 0, distance: Int, rows: Int, on panel: Panel, to out: inout [Float],
    outOffset: Int = 0, rowStep: Int, columnStep: Int
  ) {
    guard rows > 0, panel.columns > 0, panel.pixels > 0 else { return }
    check(rows: rows, columns: panel.pixels, distance: distance, offset: offset, count: maps.count)
    precondition(
      outOffset >= 0 && rowStep > 0 && columnStep > 0
        && outOffset + (rows - 1) * rowStep + (panel.columns - 1) * columnStep < out.count,
      "\(rows) rows and \(panel.columns) columns in \(out.count) values")
    maps.withUnsafeBufferPointer { maps in
      panel.values.withUnsafeBufferPointer { values in
        out.withUnsafeMutableBufferPointer { out in
          guard let maps = maps.baseAddress, let values = values.baseAddress, let out = out.baseAddress else { return }
          ck_project(
            maps + offset, distance, rows, panel.pixels, values, panel.columns, out + outOffset, rowStep, columnStep)
        }
      }
    }
  }

  private static func check(rows: Int, columns: Int, distance: Int, offset: Int, count: Int) {
    precondition(
      offset >= 0 && (rows <= 1 || distance >= columns) && offset + (rows - 1) * distance + columns <= count,
      "matrix \(rows)x\(columns) at \(offset), row distance \(distance), in \(count) values")
  }
}
