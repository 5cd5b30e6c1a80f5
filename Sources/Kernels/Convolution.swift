import CKernels
import Synchronization

/// A 3-D convolution (correlation) with its weights arranged for matrix products.
///
/// Shapes: input and output `[time, channel, height, width]` of one sample; weight
/// `[out channel, in channel / groups, kernel time, kernel height, kernel width]`.
///
/// Every input frame is unrolled along the kernel's width (along its height too where that is small) and enters
/// one product that adds to all output frames which it reaches: the kernel's time taps are stacked as rows, and
/// output frames are neighbours in memory. Where replicate padding repeats a frame, its taps are summed beforehand,
/// so padding costs nothing. Taps at the kernel's border that are zero in every filter (the ends of a Hann window)
/// are left out.
public struct Convolution: Sendable {
  public struct Axis: Sendable, Equatable {
    public var kernel: Int
    public var stride: Int
    public var dilation: Int
    /// Padding before and after.
    public var low: Int
    public var high: Int

    public init(kernel: Int, stride: Int = 1, dilation: Int = 1, low: Int = 0, high: Int = 0) {
      self.kernel = kernel
      self.stride = stride
      self.dilation = dilation
      self.low = low
      self.high = high
    }

    /// Outputs for `size` inputs; below 1 where the kernel does not fit.
    public func outputs(_ size: Int) -> Int {
      let room = size + low + high - dilation * (kernel - 1) - 1
      return room < 0 ? 0 : room / stride + 1
    }
  }

  public enum Padding: Sendable { case zero, replicate }

  public let outChannels: Int
  public let inChannels: Int
  public let groups: Int
  public private(set) var time: Axis
  public private(set) var height: Axis
  public private(set) var width: Axis
  public let padding: Padding

  private let bias: [Float]?
  /// Taps in use: first tap and count along each axis.
  private let taps: (time: Range<Int>, height: Range<Int>, width: Range<Int>)
  private let weight: [Float]
  /// Columns hold the kernel's height too.
  private let unrollsHeight: Bool
  private var stacks: [Stack] = []
  private var plans = Plans()

  /// - Precondition: `weight` has the values that the shapes ask for.
  public init(
    weight: [Float], bias: [Float]? = nil, outChannels: Int, inChannels: Int, groups: Int = 1, time: Axis,
    height: Axis, width: Axis, padding: Padding = .zero
  ) {
    let perGroup = inChannels / groups
    precondition(
      weight.count == outChannels * perGroup * time.kernel * height.kernel * width.kernel
        && bias.map { $0.count == outChannels } ?? true && outChannels % groups == 0 && inChannels % groups == 0,
      "convolution weights do not fit their shape")
    self.outChannels = outChannels
    self.inChannels = inChannels
    self.groups = groups
    self.time = time
    self.height = height
    self.width = width
    self.padding = padding
    self.bias = bias
    self.weight = weight
    taps = Self.usedTaps(weight, time.kernel, height.kernel, width.kernel)
    unrollsHeight = height.stride > 1 || perGroup * taps.width.count < 64
    guard time.stride == 1 && time.dilation == 1 || taps.time.count == 1 else { return }
    // Inside: frame z meets tap k at output z + low - k, so outputs ascend as taps descend.
    var prepared = [Stack(sets: taps.time.reversed().map { [$0] }, weights: [])]
    if padding == .replicate, time.low > 0 {
      prepared.append(
        Stack(
          sets: (0...time.low).map { output in taps.time.filter { $0 <= time.low - output } }.filter { !$0.isEmpty },
          weights: []))
    }
    stacks = prepared.map { Stack(sets: $0.sets, weights: arranged($0.sets)) }
  }

  /// The same filters with other padding, which may be negative to leave outputs away.
  public func with(time: Axis, height: Axis, width: Axis) -> Convolution {
    var copy = self
    copy.time = time
    copy.height = height
    copy.width = width
    copy.plans = Plans()
    return copy
  }

  /// Output size for an input of `[time, height, width]`.
  public func outputSize(time t: Int, height h: Int, width w: Int) -> (time: Int, height: Int, width: Int) {
    (time.outputs(t), height.outputs(h), width.outputs(w))
  }

  /// The convolution of one sample.
  ///
  /// - Precondition: the kernel fits the input: every output size is at least 1.
  public func callAsFunction(_ input: [Float], time t: Int, height h: Int, width w: Int) -> [Float] {
    let size = outputSize(time: t, height: h, width: w)
    var output = Elementwise.unfilled(size.time * outChannels * size.height * size.width)
    start(&output, plane: size.height * size.width)
    add(input, time: t, height: h, width: w, to: &output)
    return output
  }

  /// Fills `output` with the bias, or with zeros.
  private func start(_ output: inout [Float], plane: Int) {
    output.withUnsafeMutableBufferPointer { buffer in
      guard let out = buffer.baseAddress, plane > 0 else { return }
      guard let bias else {
        ck_fill(out, buffer.count, 0)
        return
      }
      for index in 0..<buffer.count / plane { ck_fill(out + index * plane, plane, bias[index % outChannels]) }
    }
  }

  /// Adds the convolution (without bias) of `input`, from `inputOffset` on, to `output`, from `outputOffset` on.
  ///
  /// `outputChannels` is the number of channels that a frame of `output` has, at least this convolution's own, which
  /// are the first of them.
  public func add(
    _ input: [Float], from inputOffset: Int = 0, time t: Int, height h: Int, width w: Int, to output: inout [Float],
    at outputOffset: Int = 0
  ) {
    let size = outputSize(time: t, height: h, width: w)
    precondition(size.time > 0 && size.height > 0 && size.width > 0, "the kernel does not fit the input")
    let inPlane = h * w
    let outPlane = size.height * size.width
    precondition(
      inputOffset >= 0 && inputOffset + t * inChannels * inPlane <= input.count && outputOffset >= 0
        && outputOffset + size.time * outChannels * outPlane <= output.count, "convolution beyond its arrays")
    guard !taps.time.isEmpty else { return }
    let plan = plans.plan(t) { makePlan(frames: t, outputs: size.time) }
    let columns = columnsShape(height: h, width: w, size: (size.height, size.width))
    let isPlain =
      taps.height.count == 1 && taps.width.count == 1 && height.stride == 1 && width.stride == 1 && columns.top == 0
      && columns.left == 0 && size.height == h && size.width == w
    var scratch = isPlain ? [] : Elementwise.unfilled(columnCount(columns))
    input.withUnsafeBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        scratch.withUnsafeMutableBufferPointer { scratch in
          guard let input = input.baseAddress, let output = output.baseAddress else { return }
          let source = input + inputOffset
          let target = output + outputOffset
          if isPlain, time.dilation == 1, time.low == 0, time.high == 0, groups == 1 {
            addTemporal(source, plane: inPlane, outputs: size.time, to: target)
            return
          }
          for (frame, steps) in plan.enumerated() where !steps.isEmpty {
            for group in 0..<groups {
              let perGroup = inChannels / groups
              let part = source + (frame * inChannels + group * perGroup) * inPlane
              var unrolled = part
              if !isPlain, let scratch = scratch.baseAddress {
                fill(scratch, from: part, columns)
                unrolled = UnsafePointer(scratch)
              }
              for step in steps {
                addProducts(
                  step, group: group, columns: unrolled, columnStride: isPlain ? inPlane : rowLength(columns),
                  outPlane: outPlane, outWidth: size.width, to: target)
              }
            }
          }
        }
      }
    }
  }

  // MARK: - Plan over time

  /// Filters for a run of output frames: for each, the time taps that meet one input frame.
  private struct Stack: Sendable {
    /// Taps that are summed, for each output frame of the run.
    var sets: [[Int]]
    /// One group after the other, each `[height tap, frame of the run, out channel, in channel and width tap]`
    /// (`[frame, out channel, height tap, in channel, width tap]` where columns hold the height).
    var weights: [Float]
  }

  /// What one input frame adds to: a run of output frames through the rows of a stack.
  private struct Step: Sendable {
    var stack: Stack
    var firstSet: Int
    var firstOutput: Int
    var count: Int
  }

  /// Plans by number of input frames, made when first needed.
  private final class Plans: Sendable {
    private let known = Mutex<[Int: [[Step]]]>([:])

    func plan(_ frames: Int, _ make: () -> [[Step]]) -> [[Step]] {
      known.withLock { known in
        if let plan = known[frames] { return plan }
        let plan = make()
        known[frames] = plan
        return plan
      }
    }
  }

  /// For every input frame, the runs of output frames that it adds to.
  private func makePlan(frames: Int, outputs: Int) -> [[Step]] {
    var meetings = [[(output: Int, set: [Int])]](repeating: [], count: frames)
    for output in 0..<outputs {
      for tap in taps.time {
        var frame = output * time.stride - time.low + tap * time.dilation
        if padding == .replicate { frame = min(max(frame, 0), frames - 1) }
        guard frame >= 0, frame < frames else { continue }
        if let last = meetings[frame].indices.last, meetings[frame][last].output == output {
          meetings[frame][last].set.append(tap)
        } else {
          meetings[frame].append((output, [tap]))
        }
      }
    }
    var built: [Stack] = []
    return meetings.map { met in
      var steps: [Step] = []
      var start = 0
      while start < met.count {
        var end = start + 1
        while end < met.count, met[end].output == met[end - 1].output + 1 { end += 1 }
        let sets = met[start..<end].map(\.set)
        let found = Self.find(sets, in: stacks) ?? Self.find(sets, in: built)
        let (stack, first) =
          found
          ?? {
            let stack = Stack(sets: sets, weights: arranged(sets))
            built.append(stack)
            return (stack, 0)
          }()
        steps.append(Step(stack: stack, firstSet: first, firstOutput: met[start].output, count: end - start))
        start = end
      }
      return steps
    }
  }

  private static func find(_ sets: [[Int]], in stacks: [Stack]) -> (Stack, Int)? {
    for stack in stacks where stack.sets.count >= sets.count {
      for first in 0...stack.sets.count - sets.count where Array(stack.sets[first..<first + sets.count]) == sets {
        return (stack, first)
      }
    }
    return nil
  }

  private func arranged(_ sets: [[Int]]) -> [Float] {
    let perGroup = inChannels / groups
    let outPerGroup = outChannels / groups
    let count = sets.count * outChannels * perGroup * taps.height.count * taps.width.count
    return [Float](unsafeUninitializedCapacity: count) { out, filled in
      weight.withUnsafeBufferPointer { weight in
        func append(_ set: [Int], _ filter: Int, _ row: Int) {
          for channel in 0..<perGroup {
            let start = (filter * perGroup + channel) * time.kernel
            for column in taps.width {
              var sum: Float = 0
              for tap in set { sum += weight[((start + tap) * height.kernel + row) * width.kernel + column] }
              out[filled] = sum
              filled += 1
            }
          }
        }
        for group in 0..<groups {
          let filters = group * outPerGroup..<(group + 1) * outPerGroup
          if unrollsHeight {
            for set in sets { for filter in filters { for row in taps.height { append(set, filter, row) } } }
          } else {
            for row in taps.height { for set in sets { for filter in filters { append(set, filter, row) } } }
          }
        }
      }
    }
  }

  /// The smallest ranges outside of which every tap is zero in every filter.
  private static func usedTaps(_ weight: [Float], _ t: Int, _ h: Int, _ w: Int)
    -> (time: Range<Int>, height: Range<Int>, width: Range<Int>)
  {
    weight.withUnsafeBufferPointer { weight in
      /// Taps of one axis, which has `size` of them, each a run of `inner` values.
      func used(_ size: Int, _ inner: Int) -> Range<Int> {
        func isZero(_ tap: Int) -> Bool {
          for start in stride(from: tap * inner, to: weight.count, by: size * inner) {
            for index in start..<start + inner where weight[index] != 0 { return false }
          }
          return true
        }
        guard let first = (0..<size).first(where: { !isZero($0) }), let last = (0..<size).last(where: { !isZero($0) })
        else { return 0..<0 }
        return first..<last + 1
      }
      return (used(t, h * w), used(h, w), used(w, 1))
    }
  }

  // MARK: - Columns and products

  private func columnsShape(height h: Int, width w: Int, size: (height: Int, width: Int)) -> ck_columns_shape {
    let top = taps.height.lowerBound * height.dilation - height.low
    let rows = unrollsHeight ? size.height : size.height + (taps.height.count - 1) * height.dilation
    return ck_columns_shape(
      channels: inChannels / groups, height: h, width: w, rows: rows, columns: size.width, top: top,
      left: taps.width.lowerBound * width.dilation - width.low, row_step: height.stride, column_step: width.stride,
      taps: taps.width.count, tap_step: width.dilation, replicate: padding == .replicate ? 1 : 0)
  }

  private func rowLength(_ columns: ck_columns_shape) -> Int { columns.rows * columns.columns }

  private func columnCount(_ columns: ck_columns_shape) -> Int {
    columns.channels * columns.taps * rowLength(columns) * (unrollsHeight ? taps.height.count : 1)
  }

  private func fill(
    _ scratch: UnsafeMutablePointer<Float>, from source: UnsafePointer<Float>, _ shape: ck_columns_shape
  ) {
    var shape = shape
    guard unrollsHeight else {
      ck_columns(source, scratch, &shape)
      return
    }
    var target = scratch
    for _ in taps.height {
      ck_columns(source, target, &shape)
      target += shape.channels * shape.taps * rowLength(shape)
      shape.top += height.dilation
    }
  }

  private func addProducts(
    _ step: Step, group: Int, columns: UnsafePointer<Float>, columnStride: Int, outPlane: Int, outWidth: Int,
    to output: UnsafeMutablePointer<Float>
  ) {
    let outPerGroup = outChannels / groups
    let depth = inChannels / groups * taps.width.count * (unrollsHeight ? taps.height.count : 1)
    let slab = step.stack.sets.count * outPerGroup * depth
    let products = unrollsHeight ? 1 : taps.height.count
    // With several groups, one group's rows of successive frames are no neighbours: one product a frame.
    let together = groups == 1 ? step.count : 1
    step.stack.weights.withUnsafeBufferPointer { weights in
      guard let weights = weights.baseAddress else { return }
      for part in stride(from: 0, to: step.count, by: together) {
        let target = output + ((step.firstOutput + part) * outChannels + group * outPerGroup) * outPlane
        for y in 0..<products {
          BLAS.sgemm(
            m: together * outPerGroup, n: outPlane, k: depth,
            a: weights + (group * products + y) * slab + (step.firstSet + part) * outPerGroup * depth, lda: depth,
            b: columns + y * height.dilation * outWidth, ldb: columnStride, beta: 1, c: target, ldc: outPlane)
        }
      }
    }
  }

  /// A kernel along time alone, without padding: the frames under it are neighbours in memory already.
  private func addTemporal(
    _ input: UnsafePointer<Float>, plane: Int, outputs: Int, to output: UnsafeMutablePointer<Float>
  ) {
    let depth = taps.time.count * inChannels
    var filters: [Float] = []
    filters.reserveCapacity(outChannels * depth)
    let y = taps.height.lowerBound
    let x = taps.width.lowerBound
    for o in 0..<outChannels {
      for k in taps.time {
        for i in 0..<inChannels {
          filters.append(weight[(((o * inChannels + i) * time.kernel + k) * height.kernel + y) * width.kernel + x])
        }
      }
    }
    filters.withUnsafeBufferPointer { filters in
      guard let filters = filters.baseAddress else { return }
      for t in 0..<outputs {
        BLAS.sgemm(
          m: outChannels, n: plane, k: depth, a: filters, lda: depth,
          b: input + (t * time.stride + taps.time.lowerBound) * inChannels * plane, ldb: plane, beta: 1,
          c: output + t * outChannels * plane, ldc: plane)
      }
    }
  }
}
