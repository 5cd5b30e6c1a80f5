import Base
import Fitting
import Foundation
import Kernels
import Metrics

/// Causes in the readout, judged by a refitted readout of the cell alone.
extension Diagnosis {
  var refitted: RefittedCells.Cell? {
    all.refit.cells.indices.contains(place) ? all.refit.cells[place] : nil
  }

  /// Strength of what looks unusual but may be harmless, where no refit can decide.
  static let suspicious = 0.9

  /// The improvement by a refitted readout: beyond gain and offset (with its z), and over the rates as predicted.
  var refitGain: (beyond: Double, total: Double, z: Double)? {
    guard let refitted, let after = bits(refitted.rates), let raw = scores.bitsPerSpike.value else { return nil }
    let scaled = scale.flatMap { bits($0.rates) }
    let reference = scale.flatMap { (scaled ?? raw) > raw ? $0.rates : nil } ?? series.rates
    guard
      let paired = compared(refitted.rates, over: reference, rows: all.scoredRows)
    else {
      return nil
    }
    return (paired.difference, after - raw, paired.z)
  }

  /// Strength of a refit as evidence: its improvement beyond gain and offset, as far as it is above the constant rate.
  var refitStrength: Double? {
    guard let gained = refitGain, let refitted, let after = bits(refitted.rates) else { return nil }
    return min(min(gained.beyond, after) / Self.worthwhile, gained.z / Self.clearly)
  }

  /// In pixels of the feature map: even a narrower mask covers this much.
  static let pixel = 0.5

  /// How far the pixels that the new readout sees lie from those of the old one, in widths of the old one.
  var displacement: (distance: Double, widths: Double)? {
    guard let refitted, refitted.readout.reason == nil, let raw = mask else { return nil }
    let (before, after) = (seen(raw), seen(ReadoutParameters(refitted.readout).mask))
    let dy = after.y - before.y
    let dx = after.x - before.x
    let distance = (dy * dy + dx * dx).squareRoot()
    // Widths may differ: along a long axis a step of this size is small.
    let along = (dy * cos(raw.theta) + dx * sin(raw.theta)) / max(Self.pixel, raw.stdY)
    let across = (-dy * sin(raw.theta) + dx * cos(raw.theta)) / max(Self.pixel, raw.stdX)
    return (distance, (along * along + across * across).squareRoot())
  }

  /// The mean place of a mask's pixels: a mask narrower than a pixel sees the same pixel from many places.
  private func seen(_ mask: GaussianMask) -> (y: Double, x: Double) {
    guard let map = all.readouts?.mapSize else { return (mask.meanY, mask.meanX) }
    let values = mask.values(height: map.height, width: map.width)
    let sum = values.reduce(0, +)
    // A mask far outside the map sees nothing of it.
    guard sum > 0.5 else { return (mask.meanY, mask.meanX) }
    var (y, x) = (0.0, 0.0)
    for (pixel, value) in values.enumerated() {
      y += value * Double(pixel / map.width)
      x += value * Double(pixel % map.width)
    }
    return (y / sum - Double(map.height - 1) / 2, x / sum - Double(map.width - 1) / 2)
  }

  /// The cell's mask on the feature map; nil where the readout is not Gaussian.
  private var mask: GaussianMask? { all.readouts?.onMap[cell] }

  var isDisplaced: Bool { displacement.map { $0.widths > 1 } ?? false }

  var displaced: Cause {
    var words: [String] = []
    var strength: Double?
    if let mask, let size = all.readouts?.mapSize {
      let reach = max(2 * abs(mask.meanY) / Double(size.height), 2 * abs(mask.meanX) / Double(size.width))
      if reach >= 1 { words.append("its centre is outside the feature map") }
      strength = reach >= 1 ? Self.suspicious : 0
    }
    if let field = clearField, let numbers = field.numbers, let readout = all.readouts?.onStimulus[cell],
      readout.stimulusSize != nil
    {
      let center = field.scale.center(numbers)
      let (dy, dx) = (center.y - readout.mask.meanY, center.x - readout.mask.meanX)
      words.append(
        "\(Self.short((dy * dy + dx * dx).squareRoot())) px from the data's field; the readout is \(Self.short(max(readout.mask.stdY, readout.mask.stdX))) px wide"
      )
    }
    guard let gained = refitGain, let displacement else {
      words.append(all.refit.reason.map { "no refit: \($0)" } ?? "no refit to compare with")
      return Cause(.place, strength: strength, words.joined(separator: "; "))
    }
    words.append(
      "a refit moves it by \(Self.short(displacement.distance)) feature px, \(Self.short(displacement.widths)) of its widths: \(Self.signed(gained.beyond)) bits/spike, z \(Self.short(gained.z))"
    )
    let found = isDisplaced ? refitStrength : 0
    return Cause(
      .place, strength: found ?? 0, expectedGain: isDisplaced ? gained.total : nil,
      words.joined(separator: "; "))
  }

  /// In pixels of the feature map: a mask that is narrower covers one pixel.
  static let narrowest = 0.3

  var clamped: Cause {
    guard let raw = mask else { return .unknown(.width, all.lacksTwin ?? "the readout is not Gaussian") }
    let widths = "widths \(Self.short(raw.stdY)) and \(Self.short(raw.stdX)) feature px"
    let limit = all.readouts?.widthLimit.map { max(raw.stdY, raw.stdX) >= 0.995 * $0 } ?? false
    let narrow = min(raw.stdY, raw.stdX) <= Self.narrowest
    let clamp = all.readouts?.widthLimit.map { ", the configuration's clamp at \(Self.short($0))" } ?? ""
    // A refit has no such limit: it shows whether the limit matters.
    let isAtLimit = limit || narrow
    return Cause(
      .width, strength: isAtLimit ? (isDisplaced ? 0 : refitStrength ?? Self.suspicious) : 0,
      expectedGain: isAtLimit ? refitGain?.total : nil,
      widths + clamp
        + (narrow
          ? ": along the shorter axis it covers one pixel"
          : limit ? ": the wider is at the limit or above it" : ": not limited"))
  }

  var unfitted: Cause {
    guard let gained = refitGain, let strength = refitStrength else {
      return .unknown(.weights, all.refit.reason.map { "no refit: \($0)" } ?? "no refit: no spikes to fit")
    }
    let words =
      "a readout fitted to this recording: \(Self.signed(gained.beyond)) bits/spike beyond gain and offset, z \(Self.short(gained.z))"
    return Cause(.weights, strength: isDisplaced ? 0 : strength, expectedGain: gained.total, words)
  }

  /// Fraction of an even share of the gradient below which a cell has little influence on the core.
  static let evenShare = 0.5

  var starved: Cause {
    guard let training = all.training, let share = training.core[cell] else {
      return .unknown(
        .starved,
        all.lacksTwin
          ?? (all.isQuick
            ? "not tried: --quick"
            : "it is not known whether this head was trained on this stimulus together with the core"))
    }
    let cells = training.core.count { $0 != nil }
    let even = 1 / Double(max(1, cells))
    let weight = training.weights[cell].map { "; inverse-rate weights would multiply it by \(Self.short($0))" } ?? ""
    return Cause(
      .starved, strength: share > 0 ? Self.evenShare * even / share : Cause.strongest,
      "\(NumberText.percent(share)) of the gradient that \(cells) cells send into the core; an even share is \(NumberText.percent(even))\(weight)"
    )
  }
}
