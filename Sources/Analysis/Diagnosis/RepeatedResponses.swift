import Base
import Metrics

/// How a recording's cells respond to repeated trials, without a model.
package struct RepeatedResponses {
  let stimulus: String
  /// By place among the diagnosed cells.
  let locking: [Result<StimulusLocking, Undefined>]
  let ceilings: [Score]

  /// No number here depends on random halves.
  private static let options = Repeats.Options(splits: 1)

  /// - Parameters:
  ///   - observed: counts and mask on all valid frames of a stimulus that repeats.
  ///   - cids: the cells to look at; the stimulus may lack some of them, or hold them in another order.
  /// - Returns: nil where the repeats have no common layout.
  package init?(_ observed: Predictions, stimulus: String, cids: [CellID], work: Work) throws {
    guard let layout = try? RepeatLayout(observed) else { return nil }
    var locking: [Result<StimulusLocking, Undefined>] = []
    var ceilings: [Score] = []
    for cid in cids {
      try work.cancellation.check()
      guard let place = observed.cids.firstIndex(of: cid) else {
        locking.append(.failure(.noRepeats))
        ceilings.append(.undefined(.noRepeats))
        continue
      }
      let repeats = try layout.repeats(of: observed, cell: place, options: Self.options)
      locking.append(Result { () throws(Undefined) in try StimulusLocking(repeats) })
      ceilings.append(MaximumCorrelation.score(repeats))
    }
    self.stimulus = stimulus
    self.locking = locking
    self.ceilings = ceilings
  }
}
