import Base
import Formats

/// A recording at a lower rate: each frame stands for a group of the source's frames.
///
/// Counts are summed. Stimulus, phase, orientation and frequency are those of the group's first frame; so is the
/// position in the trial, divided by the factor. Any other covariate is the group's mean, truncated where the covariate
/// has integers. Frames at the end that do not fill a group are dropped.
/// Source: VisionCore's downsampling (SEMANTICS 14 and 19)
struct Downsampled: ArraySource {
  private let source: any ArraySource
  private let factor: Int

  private enum Rule { case sum, first, firstDivided, mean, meanCut }

  init(_ source: any ArraySource, factor: Int) {
    self.source = source
    self.factor = factor
  }

  var origin: String { source.origin }
  var arrayNames: [String] { source.arrayNames }

  func info(_ name: String) -> ArrayInfo? {
    guard let info = source.info(name), let frames = info.shape.first else { return nil }
    return ArrayInfo(shape: [frames / factor] + info.shape.dropFirst(), scalar: info.scalar)
  }

  func tensor(_ name: String) throws -> Tensor {
    guard let frames = info(name)?.shape.first else { return try source.tensor(name) }
    return try tensor(name, rows: 0..<frames)
  }

  func tensor(_ name: String, rows: Range<Int>) throws -> Tensor {
    let all = try source.tensor(name, rows: rows.lowerBound * factor..<rows.upperBound * factor)
    let width = all.rowCount
    let values = groups(all.values, width: width, rule: rule(name))
    return Tensor(shape: [rows.count] + all.shape.dropFirst(), values: values)
  }

  func integers(_ name: String) throws -> [Int] {
    try doubles(name).map { value in
      guard let integer = Int(exactly: value) else {
        throw Failure(
          .mismatch, "\(origin): `\(name)` has the mean \(value) after downsampling, which is not an integer")
      }
      return integer
    }
  }

  func doubles(_ name: String) throws -> [Double] {
    let width = source.info(name)?.shape.dropFirst().reduce(1, *) ?? 1
    return groups(try source.doubles(name), width: width, rule: rule(name))
  }

  private func rule(_ name: String) -> Rule {
    switch name {
    case "robs": .sum
    case "stim", "stim_phase", "ori", "sf": .first
    case "psth_inds": .firstDivided
    default: source.info(name)?.scalar.isFloatingPoint == false ? .meanCut : .mean
    }
  }

  private func groups<Number: BinaryFloatingPoint>(_ values: [Number], width: Int, rule: Rule) -> [Number] {
    let span = factor * width
    guard span > 0 else { return [] }
    let divisor = Number(factor)
    var out: [Number] = []
    out.reserveCapacity(values.count / factor)
    for start in stride(from: 0, through: values.count - span, by: span) {
      if rule == .first {
        out.append(contentsOf: values[start..<start + width])
        continue
      }
      for place in start..<start + width {
        let sum = stride(from: place, to: start + span, by: width).reduce(Number(0)) { $0 + values[$1] }
        switch rule {
        case .sum: out.append(sum)
        case .first: break
        case .firstDivided: out.append((values[place] / divisor).rounded(.down))
        case .mean: out.append(sum / divisor)
        case .meanCut: out.append((sum / divisor).rounded(.towardZero))
        }
      }
    }
    return out
  }
}
