import Base

/// Which frames show something to which a model was not fitted.
package struct FreshFrames: Sendable, Equatable {
  /// Frames whose window was not fitted, in their order.
  package var fresh: [Int]
  /// Frames whose window was fitted.
  package var seen: [Int]

  /// Whether scores on the fresh frames stand for the held-out trials: at least half of their frames are fresh.
  package var areEnough: Bool { fresh.count >= seen.count }

  /// Why they are not enough.
  package func refusal(_ stimulus: String) -> String {
    "held-out trials of \(stimulus) show the same frames as its training trials (\(seen.count) of \(fresh.count + seen.count)), so no score on them would be held out"
  }
}

extension Stimulus {
  /// Sorts `frames` by whether what they show was fitted on other frames.
  ///
  /// A frame was fitted where its position within a repeated trial was, or where the same window of frames, pixel by pixel at
  /// every lag, was. Windows of uniform frames do not count: a blank screen can't be learned by heart.
  ///
  /// - Throws: as `psthBins`; what reading the stimulus throws; `Failure.interrupted`.
  package func freshFrames(of frames: [Int], fitted: [Int], work: Work = .silent) throws -> FreshFrames {
    let places = try psthBins()
    let fittedPlaces = Set(fitted.compactMap { frame in places.map { $0[frame] } })
    let lags = lags ?? [0]
    let contents = try frameContents(work: work)
    func window(_ frame: Int) -> UInt64? {
      var whole: UInt64 = 0xcbf2_9ce4_8422_2325
      var isBlank = true
      for lag in lags {
        let shown = frame - lag
        guard contents.indices.contains(shown) else { return nil }
        if contents[shown].isVaried { isBlank = false }
        whole = (whole ^ contents[shown].digest) &* 0x100_0000_01b3
      }
      return isBlank ? nil : whole
    }
    let fittedWindows = Set(fitted.compactMap(window))
    var result = FreshFrames(fresh: [], seen: [])
    for frame in frames {
      let isRepeat = places.map { $0[frame] >= 0 && fittedPlaces.contains($0[frame]) } ?? false
      if isRepeat || window(frame).map(fittedWindows.contains) ?? false {
        result.seen.append(frame)
      } else {
        result.fresh.append(frame)
      }
    }
    return result
  }

  /// A digest of each stored frame, and whether its pixels differ.
  private func frameContents(work: Work) throws -> [(digest: UInt64, isVaried: Bool)] {
    var contents: [(digest: UInt64, isVaried: Bool)] = []
    contents.reserveCapacity(frameCount)
    // A few megabytes at a time.
    let step = max(1, (1 << 20) / max(1, channelCount * height * width))
    for start in stride(from: 0, to: frameCount, by: step) {
      try work.cancellation.check()
      let images = try source.tensor("stim", rows: start..<min(start + step, frameCount))
      let width = images.rowCount
      let values = images.values.span
      for row in 0..<images.shape[0] {
        var digest: UInt64 = 0xcbf2_9ce4_8422_2325
        var isVaried = false
        for index in row * width..<(row + 1) * width {
          if values[index] != values[row * width] { isVaried = true }
          digest = (digest ^ UInt64(values[index].bitPattern)) &* 0x100_0000_01b3
        }
        contents.append((digest, isVaried))
      }
    }
    return contents
  }
}
