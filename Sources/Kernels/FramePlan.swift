/// Which input frames each output frame of a convolution is made of.
///
/// A convolution over time is a sum over frames: an output frame is the sum of some input frames, each convolved in
/// space with some of the kernel's time taps. Taps that meet the same frame (where padding repeats one) are summed
/// beforehand. Frames need not belong to one sample: samples that show the same frames can share outputs.
public struct FramePlan: Sendable, Hashable {
  /// One input frame under the sum of some time taps.
  public struct Term: Sendable, Hashable {
    public var taps: Range<Int>
    public var input: Int

    public init(taps: Range<Int>, input: Int) {
      self.taps = taps
      self.input = input
    }
  }

  /// For each output frame, what it is the sum of.
  public var outputs: [[Term]]

  public init(outputs: [[Term]]) { self.outputs = outputs }

  /// The frames of one sample of `frames` time steps; only taps in `used` count.
  init(_ axis: KernelAxis, frames: Int, padding: BorderPadding, used: Range<Int>) {
    outputs = (0..<axis.outputs(frames)).map { output in
      var terms: [Term] = []
      for tap in used {
        var frame = output * axis.stride - axis.low + tap * axis.dilation
        if padding == .replicate { frame = min(max(frame, 0), frames - 1) }
        guard frame >= 0, frame < frames else { continue }
        if let last = terms.indices.last, terms[last].input == frame, terms[last].taps.upperBound == tap {
          terms[last].taps = terms[last].taps.lowerBound..<tap + 1
        } else {
          terms.append(Term(taps: tap..<tap + 1, input: frame))
        }
      }
      return terms
    }
  }

  /// Storage order: outputs that meet the same taps are neighbours, in the order of their inputs.
  public static func isBefore(_ a: [Term], _ b: [Term]) -> Bool {
    for (x, y) in zip(a, b) where x.taps != y.taps {
      return (x.taps.lowerBound, x.taps.upperBound) < (y.taps.lowerBound, y.taps.upperBound)
    }
    if a.count != b.count { return a.count < b.count }
    for (x, y) in zip(a, b) where x.input != y.input { return x.input < y.input }
    return false
  }

  /// Outputs with their inputs, as many as are worked on at once.
  struct Block {
    /// Frames of the input that are needed.
    var inputs: [Int]
    var outputs: Range<Int>
    var runs: [Run]
  }

  /// Neighbouring outputs that take neighbouring inputs through the same taps; frames are numbered within the block.
  struct Run {
    var taps: Range<Int>
    var input: Int
    var output: Int
    var count: Int
    /// Nothing was added to these outputs before.
    var isFirst: Bool
  }

  func blocks(of size: Int) -> [Block] {
    stride(from: 0, to: outputs.count, by: max(1, size)).map { start in
      let range = start..<min(outputs.count, start + max(1, size))
      let inputs = inputs(of: range)
      let places = Dictionary(uniqueKeysWithValues: inputs.enumerated().map { ($1, $0) })
      var runs: [Run] = []
      for output in range {
        for (index, term) in outputs[output].enumerated() {
          guard let place = places[term.input] else { continue }
          runs.append(
            Run(taps: term.taps, input: place, output: output - start, count: 1, isFirst: index == 0))
        }
      }
      runs.sort {
        if $0.isFirst != $1.isFirst { return $0.isFirst }
        if $0.taps != $1.taps {
          return ($0.taps.lowerBound, $0.taps.upperBound) < ($1.taps.lowerBound, $1.taps.upperBound)
        }
        return $0.output < $1.output
      }
      var merged: [Run] = []
      for run in runs {
        if let last = merged.last, last.isFirst == run.isFirst, last.taps == run.taps,
          last.input + last.count == run.input, last.output + last.count == run.output
        {
          merged[merged.count - 1].count += 1
        } else {
          merged.append(run)
        }
      }
      return Block(inputs: inputs, outputs: range, runs: merged)
    }
  }
}

extension FramePlan {
  /// Products of one frame with one set of taps.
  var termCount: Int { outputs.reduce(0) { $0 + $1.count } }

  /// Number of input frames that are read.
  var inputCount: Int { inputs(of: outputs.indices).count }

  /// The input frames that some outputs read, in order.
  func inputs(of outputs: Range<Int>) -> [Int] {
    var last = -1
    for output in outputs { for term in self.outputs[output] { last = max(last, term.input) } }
    var isRead = [Bool](repeating: false, count: last + 1)
    for output in outputs { for term in self.outputs[output] { isRead[term.input] = true } }
    return isRead.indices.filter { isRead[$0] }
  }
}
