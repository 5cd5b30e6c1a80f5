import Base
import Fitting
import Foundation
import Metrics
import Session

/// What is wrong with the readout, by what one of the cell's own would do.
extension Diagnosis {
  var refitted: RefittedCells.Cell? {
    all.refit.cells.indices.contains(place) ? all.refit.cells[place] : nil
  }

  /// Strength of what looks odd and may do no harm, where no refit tells.
  static let suspicious = 0.9

  /// What a readout of its own brings beyond gain and offset.
  var refitGain: (beyond: Double, brings: Double, z: Double)? {
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

  /// Strength of a refit as evidence: what it brings that gain and offset don't, and only above the constant rate.
  var refitStrength: Double? {
    guard let gained = refitGain, let refitted, let after = bits(refitted.rates) else { return nil }
    return min(min(gained.beyond, after) / Self.worthwhile, gained.z / Self.clearly)
  }

  /// Half a pixel: what a narrower mask reaches all the same.
  static let pixel = 0.5

  /// How far the new readout lies from the old one, in widths of the old one.
  var displacement: (distance: Double, widths: Double)? {
    guard let refitted, refitted.readout.reason == nil, let raw = all.rawReadouts?[cell]
    else { return nil }
    let dy = Double(refitted.readout.meanY) - raw.centerY
    let dx = Double(refitted.readout.meanX) - raw.centerX
    let distance = (dy * dy + dx * dx).squareRoot()
    // Widths may differ: along a long axis a step of this size is small.
    let along = (dy * cos(raw.theta) + dx * sin(raw.theta)) / max(Self.pixel, raw.stdY)
    let across = (-dy * sin(raw.theta) + dx * cos(raw.theta)) / max(Self.pixel, raw.stdX)
    return (distance, (along * along + across * across).squareRoot())
  }

  var isDisplaced: Bool { displacement.map { $0.widths > 1 } ?? false }

  var displaced: Cause {
    var words: [String] = []
    var strength: Double?
    if let edge = all.rawReadouts?[cell], let size = all.mapSize {
      let reach = max(2 * abs(edge.centerY) / Double(size.height), 2 * abs(edge.centerX) / Double(size.width))
      if reach >= 1 { words.append("its centre lies off the feature map") }
      strength = reach >= 1 ? Self.suspicious : 0
    }
    if let field = clearField, let numbers = field.numbers, let readout = all.readouts?[cell],
      readout.stimulusSize != nil
    {
      let (middleY, middleX) = (Double(all.imageSize.height - 1) / 2, Double(all.imageSize.width - 1) / 2)
      let dy = numbers.region.centerY - middleY - readout.centerY
      let dx = numbers.region.centerX - middleX - readout.centerX
      words.append(
        "\(Self.short((dy * dy + dx * dx).squareRoot())) px from the data's field, itself \(Self.short(max(readout.stdY, readout.stdX))) px wide"
      )
    }
    guard let gained = refitGain, let displacement else {
      words.append(all.refit.reason.map { "refit: \($0)" } ?? "no refit to compare with")
      return Cause(.place, strength: strength, words.joined(separator: "; "))
    }
    words.append(
      "a refit moves it by \(Self.short(displacement.distance)) feature px, \(Self.short(displacement.widths)) of its widths: \(Self.signed(gained.beyond)) bits/spike, z \(Self.short(gained.z))"
    )
    let found = isDisplaced ? refitStrength : 0
    return Cause(
      .place, strength: found ?? 0, brings: isDisplaced ? gained.brings : nil,
      words.joined(separator: "; "))
  }

  /// Below half a pixel of the feature map a mask sees one pixel.
  static let narrowest = 0.3

  var clamped: Cause {
    guard let raw = all.rawReadouts?[cell] else { return .unknown(.width, "the readout is not Gaussian") }
    let widths = "widths \(Self.short(raw.stdY)) and \(Self.short(raw.stdX)) feature px"
    let limit = all.widthLimit.map { max(raw.stdY, raw.stdX) >= 0.995 * $0 } ?? false
    let narrow = min(raw.stdY, raw.stdX) <= Self.narrowest
    let clamp = all.widthLimit.map { ", the configuration's clamp at \(Self.short($0))" } ?? ""
    // A refit is free of the limit: it tells whether the limit matters.
    let isAtLimit = limit || narrow
    return Cause(
      .width, strength: isAtLimit ? (isDisplaced ? 0 : refitStrength ?? Self.suspicious) : 0,
      brings: isAtLimit ? refitGain?.brings : nil,
      widths + clamp
        + (narrow ? ": along the shorter it sees one pixel" : limit ? ": the longer is at or above it" : ": free"))
  }

  var unfitted: Cause {
    guard let gained = refitGain, let strength = refitStrength else {
      return .unknown(.weights, all.refit.reason.map { "refit: \($0)" } ?? "no refit: no spikes to fit")
    }
    let words =
      "a readout fitted to this recording: \(Self.signed(gained.beyond)) bits/spike beyond gain and offset, z \(Self.short(gained.z))"
    return Cause(.weights, strength: isDisplaced ? 0 : strength, brings: gained.brings, words)
  }

  /// Share of an even share of the gradient below which a cell has little say.
  static let evenShare = 0.5

  var starved: Cause {
    guard let training = all.training, let share = training.core[cell] else {
      return .unknown(
        .starved,
        all.isQuick ? "not tried: --quick" : "this head is not known to be trained on this stimulus with the core")
    }
    let cells = training.core.count { $0 != nil }
    let even = 1 / Double(max(1, cells))
    let weight = training.weights[cell].map { "; inverse-rate weights would multiply it by \(Self.short($0))" } ?? ""
    return Cause(
      .starved, strength: share > 0 ? Self.evenShare * even / share : Cause.strongest,
      "it sends \(NumberText.percent(share)) of what \(cells) cells send into the core, an even share were \(NumberText.percent(even))\(weight)"
    )
  }
}
