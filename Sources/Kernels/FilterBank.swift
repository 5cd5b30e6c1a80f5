/// Filters of a convolution, with the taps that are zero in all of them left out.
///
/// Shapes: values `[out channel, in channel / groups, time, height, width]`.
struct FilterBank: Sendable {
  let values: [Float]
  let outChannels: Int
  let inChannels: Int
  let groups: Int
  private let kernel: (time: Int, height: Int, width: Int)
  /// The smallest ranges outside of which every tap is zero in every filter (the ends of a Hann window).
  let time: Range<Int>
  let height: Range<Int>
  let width: Range<Int>

  var inPerGroup: Int { inChannels / groups }
  var outPerGroup: Int { outChannels / groups }

  init(_ values: [Float], outChannels: Int, inChannels: Int, groups: Int, time: Int, height: Int, width: Int) {
    self.values = values
    self.outChannels = outChannels
    self.inChannels = inChannels
    self.groups = groups
    kernel = (time, height, width)
    (self.time, self.height, self.width) = values.withUnsafeBufferPointer { values in
      /// Taps of one axis, which has `size` of them, each a run of `inner` values.
      func used(_ size: Int, _ inner: Int) -> Range<Int> {
        func isZero(_ tap: Int) -> Bool {
          for start in stride(from: tap * inner, to: values.count, by: size * inner) {
            for index in start..<start + inner where values[index] != 0 { return false }
          }
          return true
        }
        guard let first = (0..<size).first(where: { !isZero($0) }), let last = (0..<size).last(where: { !isZero($0) })
        else { return 0..<0 }
        return first..<last + 1
      }
      return (used(time, height * width), used(height, width), used(width, 1))
    }
  }

  /// The filters as planes, the taps of `times` summed.
  ///
  /// Shapes: `[out channel, in channel / groups, used height, used width]`.
  func planes(times: Range<Int>) -> [Float] {
    let count = outChannels * inPerGroup * height.count * width.count
    return [Float](unsafeUninitializedCapacity: count) { out, filled in
      values.withUnsafeBufferPointer { values in
        for filter in 0..<outChannels * inPerGroup {
          for y in height {
            for x in width {
              var sum: Float = 0
              for tap in times { sum += values[((filter * kernel.time + tap) * kernel.height + y) * kernel.width + x] }
              out[filled] = sum
              filled += 1
            }
          }
        }
      }
    }
  }
}
