import Formats
import Recordings
import TestSupport
import Testing

struct TrialSplitTests {
  @Test("Trials keep their frames together, and each frame is in one split")
  func trialsKeepTheir() {
    let trials = (0..<100).map { $0 / 10 + 3 }
    let split = TrialSplit(trials: trials, fraction: 0.8, seed: 1002)
    #expect(split.trainTrials.count == 8 && split.valTrials.count == 2)
    #expect((split.frames(.train) + split.frames(.val)).sorted() == split.frames(.all))
    #expect(Set(split.frames(.val).map { trials[$0] }) == Set(split.valTrials))
    #expect(Set(split.frames(.train).map { trials[$0] }) == Set(split.trainTrials))
    #expect(Set(split.trainTrials).isDisjoint(with: split.valTrials))
  }

  @Test("Frames keep ascending order")
  func framesKeepAscending() {
    let split = TrialSplit(trials: (0..<40).map { 40 - $0 }, fraction: 0.5, seed: 7)
    for part in [Split.train, .val] {
      let frames = split.frames(part)
      #expect(frames.count == 20 && frames == frames.sorted())
    }
  }

  @Test("A cut between two trials rounds down")
  func cutBetweenTwo() {
    let split = TrialSplit(trials: Array(0..<7), fraction: 0.8, seed: 1002)
    #expect(split.trainTrials.count == 5)
  }

  @Test("Another seed gives another split")
  func anotherSeedGives() {
    let trials = Array(0..<36)
    #expect(
      TrialSplit(trials: trials, fraction: 0.8, seed: 1).valTrials
        != TrialSplit(trials: trials, fraction: 0.8, seed: 2).valTrials)
  }

  @Test("Splits equal VisionCore's", arguments: ["n7", "n20", "n37"], [1002, 7])
  func splitsEqualVisionCore(trials: String, seed: Int) throws {
    let expected = try NpzArchive(path: Fixtures.path("recordings/splits.npz"))
    let name = "\(trials)/seed\(seed)/two_0.8"
    let split = TrialSplit(trials: try expected.integers("\(trials)/trial_inds"), fraction: 0.8, seed: seed)
    let offered = try expected.integers("\(trials)/inds")
    #expect(try split.frames(.train, among: offered) == expected.integers("\(name)/train"))
    #expect(try split.frames(.val, among: offered) == expected.integers("\(name)/val"))
    let permutation = try expected.integers("\(trials)/seed\(seed)/permutation")
    let numbers = try Set(expected.integers("\(trials)/trial_inds")).sorted()
    #expect(split.trainTrials == permutation.prefix(split.trainTrials.count).map { numbers[$0] }.sorted())
  }
}
