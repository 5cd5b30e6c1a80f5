import CKernels

/// Arithmetic on parts of arrays.
public enum Elementwise {
  /// x = scale x + shift in `range`.
  public static func scaleShift(_ values: inout [Float], in range: Range<Int>, scale: Float, shift: Float) {
    check(range, values.count)
    values.withUnsafeMutableBufferPointer { buffer in
      guard let x = buffer.baseAddress else { return }
      ck_scale_shift(x + range.lowerBound, x + range.lowerBound, range.count, scale, shift)
    }
  }

  /// out = scale x, `count` values from the offsets.
  public static func scaled(
    _ x: [Float], from start: Int, count: Int, by scale: Float, into out: inout [Float], at offset: Int
  ) {
    check(start..<start + count, x.count)
    check(offset..<offset + count, out.count)
    x.withUnsafeBufferPointer { x in
      out.withUnsafeMutableBufferPointer { out in
        guard let x = x.baseAddress, let out = out.baseAddress else { return }
        ck_scale_shift(x + start, out + offset, count, scale, 0)
      }
    }
  }

  /// x = a x + b (y - c) + d in `range` of both.
  public static func combine(
    _ values: inout [Float], in range: Range<Int>, scale a: Float, with other: [Float], scale b: Float,
    center c: Float, shift d: Float
  ) {
    check(range, values.count)
    check(range, other.count)
    values.withUnsafeMutableBufferPointer { x in
      other.withUnsafeBufferPointer { y in
        guard let x = x.baseAddress, let y = y.baseAddress else { return }
        ck_combine(x + range.lowerBound, y + range.lowerBound, range.count, a, b, c, d)
      }
    }
  }

  /// x += y, `count` values from the offsets.
  public static func add(_ y: [Float], from start: Int = 0, to x: inout [Float], at offset: Int = 0, count: Int) {
    check(start..<start + count, y.count)
    check(offset..<offset + count, x.count)
    y.withUnsafeBufferPointer { y in
      x.withUnsafeMutableBufferPointer { x in
        guard let y = y.baseAddress, let x = x.baseAddress else { return }
        ck_add(y + start, x + offset, count)
      }
    }
  }

  /// out = x + y, `count` values of both from `start`, in memory that holds nothing yet.
  static func sum(
    _ x: [Float], _ y: [Float], from start: Int, count: Int, to out: UnsafeMutableBufferPointer<Float>, at offset: Int
  ) {
    check(start..<start + count, x.count)
    check(start..<start + count, y.count)
    check(offset..<offset + count, out.count)
    x.withUnsafeBufferPointer { x in
      y.withUnsafeBufferPointer { y in
        guard let x = x.baseAddress, let y = y.baseAddress, let out = out.baseAddress else { return }
        ck_plus(x + start, y + start, out + offset, count)
      }
    }
  }

  /// x *= y, `count` values from the offsets.
  public static func multiply(_ y: [Float], from start: Int = 0, to x: inout [Float], at offset: Int = 0, count: Int) {
    check(start..<start + count, y.count)
    check(offset..<offset + count, x.count)
    y.withUnsafeBufferPointer { y in
      x.withUnsafeMutableBufferPointer { x in
        guard let y = y.baseAddress, let x = x.baseAddress else { return }
        ck_multiply(y + start, x + offset, count)
      }
    }
  }

  /// h += z (n - h), `count` values; each from its offset.
  public static func blend(
    _ h: inout [Float], at offset: Int = 0, toward n: [Float], from nStart: Int, by z: [Float], from zStart: Int,
    count: Int
  ) {
    check(offset..<offset + count, h.count)
    check(nStart..<nStart + count, n.count)
    check(zStart..<zStart + count, z.count)
    z.withUnsafeBufferPointer { z in
      n.withUnsafeBufferPointer { n in
        h.withUnsafeMutableBufferPointer { h in
          guard let z = z.baseAddress, let n = n.baseAddress, let h = h.baseAddress else { return }
          ck_blend(z + zStart, n + nStart, h + offset, count)
        }
      }
    }
  }

  /// Positive and negative part of `count` values: on = gain max(x, 0), off = max(-x, 0).
  public static func splitRelu(
    _ values: [Float], from start: Int, count: Int, gain: Float, into out: inout [Float], on: Int, off: Int
  ) {
    check(start..<start + count, values.count)
    check(on..<on + count, out.count)
    check(off..<off + count, out.count)
    values.withUnsafeBufferPointer { x in
      out.withUnsafeMutableBufferPointer { y in
        guard let x = x.baseAddress, let y = y.baseAddress else { return }
        ck_split_relu(x + start, y + on, y + off, count, gain)
      }
    }
  }

  /// The way back from the gradients of both halves: `gradient` receives that of `count` values.
  ///
  /// - Returns: the gradient of the gain.
  public static func splitReluPullback(
    _ values: [Float], from start: Int, count: Int, gain: Float, of halves: [Float], on: Int, off: Int,
    to gradient: inout [Float]
  ) -> Double {
    check(start..<start + count, values.count)
    check(start..<start + count, gradient.count)
    check(on..<on + count, halves.count)
    check(off..<off + count, halves.count)
    return values.withUnsafeBufferPointer { x in
      halves.withUnsafeBufferPointer { y in
        gradient.withUnsafeMutableBufferPointer { g in
          guard let x = x.baseAddress, let y = y.baseAddress, let g = g.baseAddress else { return 0 }
          return ck_split_relu_gradient(x + start, y + on, y + off, g + start, count, gain)
        }
      }
    }
  }

  /// An array of `count` floats that a kernel fills; its content is undefined until then.
  public static func unfilled(_ count: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { _, filled in filled = count }
  }

  private static func check(_ range: Range<Int>, _ count: Int) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range \(range) in \(count) values")
  }
}
