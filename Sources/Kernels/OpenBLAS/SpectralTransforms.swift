import CKernels
import Foundation

/// Transforms between planes and their spectra, as products with matrices of one shape.
struct SpectralTransforms: Sendable {
  /// Frequencies of a transform: all rows, and the half of the columns that is not conjugate to the other.
  struct Size: Sendable {
    var rows: Int
    var columns: Int
    var half: Int { columns / 2 + 1 }

    /// Just large enough for the outputs.
    ///
    /// - Parameters:
    ///   - height: taps that take part.
    ///   - width: taps that take part.
    init(_ shape: SpatialShape, height: Range<Int>, width: Range<Int>) {
      func size(_ outputs: Int, _ taps: Int, _ axis: KernelAxis) -> Int {
        (outputs - 1) * axis.stride + (taps - 1) * axis.dilation + 1
      }
      rows = size(shape.outputHeight, height.count, shape.height)
      columns = size(shape.outputWidth, width.count, shape.width)
    }
  }

  let size: Size
  let shape: SpatialShape
  /// `[input column, cos and -sin of half the frequencies]`
  private let forwardColumns: [Float]
  /// `[cos and -sin of all frequencies, input row]`
  private let forwardRows: [Float]
  /// `[re and im of an output row, re and im of all frequencies]`, divided by the transform's size
  private let backwardRows: [Float]
  /// `[half the frequencies, output column]`: cos, then -sin, doubled where a conjugate frequency is left out
  private let backwardColumns: [Float]

  private let taps: (height: Range<Int>, width: Range<Int>)

  /// - Parameters:
  ///   - height: taps that take part.
  ///   - width: taps that take part.
  ///   - size: of another shape's transforms whose spectra these are multiplied with.
  init(_ shape: SpatialShape, height: Range<Int>, width: Range<Int>, size: Size? = nil) {
    let size = size ?? Size(shape, height: height, width: width)
    self.size = size
    self.shape = shape
    taps = (height, width)
    let half = size.half
    let (rows, columns) = (size.rows, size.columns)
    /// Input pixel that a place of the transform shows; nil where padding is zero.
    func pixel(_ place: Int, _ axis: KernelAxis, _ firstTap: Int, _ count: Int) -> Int? {
      let at = place - axis.low + firstTap * axis.dilation
      if shape.padding == .replicate { return min(max(at, 0), count - 1) }
      return at >= 0 && at < count ? at : nil
    }
    func wave(_ frequency: Int, _ place: Int, _ size: Int) -> (cos: Double, sin: Double) {
      let angle = 2 * Double.pi * Double(frequency * place % size) / Double(size)
      return (cos(angle), sin(angle))
    }
    var x = [Double](repeating: 0, count: shape.inputWidth * 2 * half)
    for place in 0..<columns {
      guard let pixel = pixel(place, shape.width, width.lowerBound, shape.inputWidth) else { continue }
      for frequency in 0..<half {
        let (cosine, sine) = wave(frequency, place, columns)
        x[pixel * 2 * half + frequency] += cosine
        x[pixel * 2 * half + half + frequency] -= sine
      }
    }
    var y = [Double](repeating: 0, count: 2 * rows * shape.inputHeight)
    for place in 0..<rows {
      guard let pixel = pixel(place, shape.height, height.lowerBound, shape.inputHeight) else { continue }
      for frequency in 0..<rows {
        let (cosine, sine) = wave(frequency, place, rows)
        y[frequency * shape.inputHeight + pixel] += cosine
        y[(rows + frequency) * shape.inputHeight + pixel] -= sine
      }
    }
    let (outHeight, outWidth) = (shape.outputHeight, shape.outputWidth)
    var back = [Double](repeating: 0, count: 4 * outHeight * rows)
    for row in 0..<outHeight {
      for frequency in 0..<rows {
        var (cosine, sine) = wave(frequency, row * shape.height.stride, rows)
        cosine /= Double(rows * columns)
        sine /= Double(rows * columns)
        back[row * 2 * rows + frequency] = cosine
        back[row * 2 * rows + rows + frequency] = -sine
        back[(outHeight + row) * 2 * rows + frequency] = sine
        back[(outHeight + row) * 2 * rows + rows + frequency] = cosine
      }
    }
    var last = [Double](repeating: 0, count: 2 * half * outWidth)
    for frequency in 0..<half {
      let weight = frequency == 0 || 2 * frequency == columns ? 1.0 : 2.0
      for column in 0..<outWidth {
        let (cosine, sine) = wave(frequency, column * shape.width.stride, columns)
        last[frequency * outWidth + column] = weight * cosine
        last[(half + frequency) * outWidth + column] = -weight * sine
      }
    }
    forwardColumns = x.map(Float.init)
    forwardRows = y.map(Float.init)
    backwardRows = back.map(Float.init)
    backwardColumns = last.map(Float.init)
  }

  /// e^{i a} of every frequency at every tap: `[re and im, frequency, tap]`.
  var waves: [Float] {
    var re: [Float] = []
    var im: [Float] = []
    for row in 0..<size.rows {
      for column in 0..<size.half {
        for y in 0..<taps.height.count {
          for x in 0..<taps.width.count {
            let turns =
              Double(row * y * shape.height.dilation % size.rows) / Double(size.rows)
              + Double(column * x * shape.width.dilation % size.columns) / Double(size.columns)
            re.append(Float(cos(2 * Double.pi * turns)))
            im.append(Float(sin(2 * Double.pi * turns)))
          }
        }
      }
    }
    return re + im
  }

  /// Spectra of one frame's channels, `step` values from frequency to frequency.
  func forward(
    _ frame: UnsafePointer<Float>, channels: Int, to spectra: UnsafeMutablePointer<Float>, step: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let width = 2 * size.half
    let lines = scratch
    let products = scratch + channels * shape.inputHeight * width
    forwardColumns.withUnsafeBufferPointer { matrix in
      guard let matrix = matrix.baseAddress else { return }
      BLAS.sgemm(
        m: channels * shape.inputHeight, n: width, k: shape.inputWidth, a: frame, lda: shape.inputWidth, b: matrix,
        ldb: width, beta: 0, c: lines, ldc: width)
    }
    forwardRows.withUnsafeBufferPointer { matrix in
      guard let matrix = matrix.baseAddress else { return }
      for channel in 0..<channels {
        BLAS.sgemm(
          m: 2 * size.rows, n: width, k: shape.inputHeight, a: matrix, lda: shape.inputHeight,
          b: lines + channel * shape.inputHeight * width, ldb: width, beta: 0,
          c: products + channel * 2 * size.rows * width, ldc: width)
      }
    }
    var spectrum = ck_spectrum(channels: channels, rows: size.rows, half: size.half, step: step)
    ck_spectrum_scatter(products, spectra, &spectrum)
  }

  /// Adds the planes that belong to one frame's spectra.
  func backward(
    _ spectra: UnsafePointer<Float>, channels: Int, step: Int, addingTo planes: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let wide = channels * size.half
    let arranged = scratch
    let lines = scratch + 2 * size.rows * wide
    var spectrum = ck_spectrum(channels: channels, rows: size.rows, half: size.half, step: step)
    ck_spectrum_gather(spectra, arranged, &spectrum)
    backwardRows.withUnsafeBufferPointer { matrix in
      guard let matrix = matrix.baseAddress else { return }
      BLAS.sgemm(
        m: 2 * shape.outputHeight, n: wide, k: 2 * size.rows, a: matrix, lda: 2 * size.rows, b: arranged, ldb: wide,
        beta: 0, c: lines, ldc: wide)
    }
    backwardColumns.withUnsafeBufferPointer { matrix in
      guard let matrix = matrix.baseAddress else { return }
      for row in 0..<shape.outputHeight {
        for part in 0..<2 {
          BLAS.sgemm(
            m: channels, n: shape.outputWidth, k: size.half, a: lines + (part * shape.outputHeight + row) * wide,
            lda: size.half, b: matrix + part * size.half * shape.outputWidth, ldb: shape.outputWidth, beta: 1,
            c: planes + row * shape.outputWidth, ldc: shape.outputPlane)
        }
      }
    }
  }
}
