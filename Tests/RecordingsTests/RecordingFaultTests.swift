import Base
import Recordings
import Testing

@Suite("Known faults")
struct RecordingFaultTests {
  let counts = (0..<2400).map { Float($0 % 3) }
  let mask = [Float](repeating: 1, count: 2400)
  let trials = (0..<20).map { $0 * 120..<($0 + 1) * 120 }

  func damaged(_ fault: RecordingFault, seed: UInt32 = 1) -> (counts: [Float], mask: [Float]) {
    var generator = NumpyGenerator(seed: seed)
    return fault.applied(counts: counts, mask: mask, trials: trials, generator: &generator)
  }

  @Test("Drift takes nothing at the beginning and its share at the end; counts stay whole")
  func drift() {
    let after = damaged(.drift(0.9))
    let first = after.counts.prefix(240).reduce(0, +) / counts.prefix(240).reduce(0, +)
    let last = after.counts.suffix(240).reduce(0, +) / counts.suffix(240).reduce(0, +)
    // On average 4.5 % of the first tenth are lost, and 85.5 % of the last; about four standard errors of 240 spikes.
    #expect(abs(first - 0.955) < 0.055 && abs(last - 0.145) < 0.095)
    #expect(after.counts.allSatisfy { $0 == $0.rounded() })
    #expect(after.mask == mask)
  }

  @Test("Thinning loses about its share of the spikes, and all of them with a share of 1")
  func thin() {
    let left = damaged(.thin(0.7)).counts.reduce(0, +) / counts.reduce(0, +)
    #expect(abs(left - 0.3) < 0.04)
    #expect(damaged(.thin(1)).counts.allSatisfy { $0 == 0 })
  }

  @Test("A mask takes its share in whole stretches and leaves counts alone")
  func masked() {
    let after = damaged(.mask(0.5, stretch: 120))
    #expect(after.mask.count { $0 == 0 } == 1200)
    #expect(trials.allSatisfy { Set(after.mask[$0]).count == 1 })
    #expect(after.counts == counts)
  }

  @Test("A delay moves counts within their trial", arguments: [2, -2])
  func delay(bins: Int) {
    let after = damaged(.delay(bins)).counts
    for trial in trials {
      for frame in trial {
        #expect(after[frame] == (trial.contains(frame - bins) ? counts[frame - bins] : 0))
      }
    }
  }

  @Test("Scrambling keeps every trial's counts in another order, which depends on the seed alone")
  func scramble() {
    let after = damaged(.scramble).counts
    #expect(after != counts)
    #expect(trials.allSatisfy { after[$0].sorted() == counts[$0].sorted() })
    #expect(damaged(.scramble).counts == after)
    #expect(damaged(.scramble, seed: 2).counts != after)
  }
}
