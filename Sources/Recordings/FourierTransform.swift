import Foundation

/// Discrete Fourier transform of any length, in float64.
///
/// Source: Cooley and Tukey 1965 for powers of two, Bluestein 1970 for all other lengths.
struct FourierTransform {
  let count: Int
  private let chirp: Bluestein?
  private let twiddles: [Complex]

  struct Complex {
    var re: Double
    var im: Double

    static func * (a: Complex, b: Complex) -> Complex {
      Complex(re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re)
    }

    var conjugate: Complex { Complex(re: re, im: -im) }

    /// `exp(-i angle)`.
    static func turn(_ angle: Double) -> Complex { Complex(re: cos(angle), im: -sin(angle)) }
  }

  /// The transform as a convolution with a chirp, whose length is a power of two.
  private struct Bluestein {
    let factors: [Complex]
    let spectrum: [Complex]
    let length: Int
  }

  init(count: Int) {
    self.count = count
    var length = 1
    while length < count { length *= 2 }
    if length == count {
      chirp = nil
      twiddles = Self.twiddles(count)
      return
    }
    while length < 2 * count - 1 { length *= 2 }
    twiddles = Self.twiddles(length)
    // The square is reduced modulo 2 n, after which the angle repeats: a large angle would lose precision.
    let factors = (0..<count).map { Complex.turn(.pi * Double($0 * $0 % (2 * count)) / Double(count)) }
    var kernel = [Complex](repeating: Complex(re: 0, im: 0), count: length)
    for (i, factor) in factors.enumerated() {
      kernel[i] = factor.conjugate
      if i > 0 { kernel[length - i] = factor.conjugate }
    }
    Self.radix2(&kernel, twiddles)
    chirp = Bluestein(factors: factors, spectrum: kernel, length: length)
  }

  /// `X[k] = sum_n x[n] exp(-2 pi i k n / count)`.
  func forward(_ values: [Complex]) -> [Complex] {
    guard let chirp else {
      var out = values
      Self.radix2(&out, twiddles)
      return out
    }
    var work = zip(values, chirp.factors).map { $0 * $1 }
    work += [Complex](repeating: Complex(re: 0, im: 0), count: chirp.length - count)
    Self.radix2(&work, twiddles)
    for i in work.indices { work[i] = (work[i] * chirp.spectrum[i]).conjugate }
    Self.radix2(&work, twiddles)
    let scale = 1 / Double(chirp.length)
    return (0..<count).map { i in
      let value = work[i].conjugate * chirp.factors[i]
      return Complex(re: value.re * scale, im: value.im * scale)
    }
  }

  /// The inverse of `forward`.
  func inverse(_ values: [Complex]) -> [Complex] {
    let scale = 1 / Double(count)
    return forward(values.map(\.conjugate)).map { Complex(re: $0.re * scale, im: -$0.im * scale) }
  }

  private static func twiddles(_ count: Int) -> [Complex] {
    (0..<count / 2).map { Complex.turn(2 * .pi * Double($0) / Double(count)) }
  }

  private static func radix2(_ values: inout [Complex], _ twiddles: [Complex]) {
    let count = values.count
    var reversed = 0
    for i in 1..<max(1, count) {
      var bit = count >> 1
      while reversed & bit != 0 {
        reversed ^= bit
        bit >>= 1
      }
      reversed |= bit
      if i < reversed { values.swapAt(i, reversed) }
    }
    var length = 2
    while length <= count {
      let half = length / 2
      let step = count / length
      for start in stride(from: 0, to: count, by: length) {
        for k in 0..<half {
          let odd = values[start + k + half] * twiddles[k * step]
          let even = values[start + k]
          values[start + k] = Complex(re: even.re + odd.re, im: even.im + odd.im)
          values[start + k + half] = Complex(re: even.re - odd.re, im: even.im - odd.im)
        }
      }
      length *= 2
    }
  }
}
