import Base
import Layers
import Synchronization
import Twin

/// Features of frames that no step changes, computed when a frame is first seen and kept in memory up to a limit.
///
/// A frame's features are computed for it alone: they are the same bits whether they are kept or not, and whatever batch
/// they are first needed in.
final class FeatureCache: Sendable {
  private struct Place: Hashable {
    var dataset: Int
    var frame: Int
  }

  private struct State {
    var known: [Place: FrozenFeatures] = [:]
    var bytes = 0
    /// Heads whose frozen parts give other features in every pass.
    var changing: Set<Int> = []
  }

  private let state = Mutex(State())
  private let byteLimit: Int

  init(byteLimit: Int) { self.byteLimit = byteLimit }

  /// Features of the frames of a part, in order; nil where the twin has to be run from the stimulus on.
  ///
  /// - Throws: what reading and running throws.
  func features(
    of part: TrainingStep.Part, in set: any TrainingSet, _ twin: TrainableTwin, work: Work
  ) throws -> [FrozenFeatures]? {
    guard twin.keepsFeatures(of: set.head), !state.withLock({ $0.changing.contains(set.head) }) else { return nil }
    let places = part.frames.map { Place(dataset: part.dataset, frame: $0) }
    var found = state.withLock { state in
      Dictionary(places.compactMap { place in state.known[place].map { (place, $0) } }, uniquingKeysWith: { $1 })
    }
    var missing: [Place] = []
    for place in places where found[place] == nil && !missing.contains(place) { missing.append(place) }
    if !missing.isEmpty {
      let input = try set.batch(missing.map(\.frame)).input
      guard let made = try twin.frozenFeatures(input, head: set.head, work: work) else {
        state.withLock { _ = $0.changing.insert(set.head) }
        return nil
      }
      for (place, features) in zip(missing, made) { found[place] = features }
      keep(zip(missing, made).map { ($0, $1) })
    }
    return places.compactMap { found[$0] }
  }

  private func keep(_ made: [(Place, FrozenFeatures)]) {
    state.withLock { state in
      for (place, features) in made where state.bytes + features.byteCount <= byteLimit {
        if state.known.updateValue(features, forKey: place) == nil { state.bytes += features.byteCount }
      }
    }
  }
}
