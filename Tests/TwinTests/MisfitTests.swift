import Analysis
import Base
import Testing

@Suite struct MisfitTests {
  @Test("A layer's refusal is taken apart") func aLayersRefusalIsTakenApart() throws {
    let architecture = try ZooCase("ser_legacy").architecture()
    let failure = try #require(throws: Failure.self) {
      try architecture.featureSize(input: [1, 2, 21, 21], head: 0)
    }
    let misfit = Misfit(failure)
    #expect(misfit.part == .frontend)
    #expect(misfit.place == "frontend.temporal_conv.conv")
    #expect(misfit.problem.hasSuffix("kernel does not fit"))
    #expect(misfit.shapes.count == 1)
    let fewest = try #require(architecture.fewestLags(height: 21, width: 21, head: 0))
    #expect(throws: Never.self) { try architecture.featureSize(input: [1, fewest, 21, 21], head: 0) }
    let short = #expect(throws: Failure.self) {
      try architecture.featureSize(input: [1, fewest - 1, 21, 21], head: 0)
    }
    #expect(short?.kind == .mismatch)
  }

  @Test("A tensor in backquotes is the place") func aTensorInBackquotesIsThePlace() {
    let misfit = Misfit(Failure(.missing, "/a/b.ckpt: no tensor `readouts.1.mean`, which the configuration asks for"))
    #expect(misfit.place == "readouts.1.mean")
    #expect(misfit.part == .readout)
  }

  @Test("A message without a place stays whole") func aMessageWithoutAPlaceStaysWhole() {
    let misfit = Misfit(Failure(.mismatch, "the stimulus has 2 channels, the twin takes 1"))
    #expect(misfit == Misfit(Failure(.mismatch, misfit.problem)))
    #expect(misfit.place == nil)
    #expect(misfit.part == nil)
  }
}
