import Base
import Formats
import Recordings
import TestSupport
import Testing

struct DataFilterTests {
  static func lags(_ count: Int) -> PipelineStep { PipelineStep("valid_nlags", .map([.init("n_lags", .int(count))])) }

  @Test("Valid lags are VisionCore's", arguments: [1, 8, 18, 32])
  func validLagsVisionCore(count: Int) throws {
    let mask = try AllDataFilters.make(Self.lags(count)).mask(raw(), frameCount: 403)
    #expect(try mask == expected("valid_nlags_\(count)"))
    #expect(try mask == expected("get_valid_dfs_\(count)"))
  }

  @Test("Without an option one good frame is enough")
  func optionGoodFrame() throws {
    let mask = try AllDataFilters.make(PipelineStep("valid_nlags")).mask(raw(), frameCount: 403)
    #expect(try mask == expected("valid_nlags_default"))
  }

  @Test(
    "Missing percentages are VisionCore's",
    arguments: [
      ("missing_pct_default45", PipelineStep("missing_pct")),
      ("missing_pct_misspelt_theshold30", PipelineStep("missing_pct", .map([.init("theshold", .int(30))]))),
    ])
  func missingPercentagesVisionCore(name: String, step: PipelineStep) throws {
    let mask = try AllDataFilters.make(step).mask(raw(), frameCount: 403)
    #expect(try mask == expected(name))
  }

  @Test("Several filters must all hold")
  func severalFiltersMust() throws {
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.dataFilters = [Self.lags(8), PipelineStep("missing_pct", .map([.init("threshold", .int(30))]))]
    let stimulus = try Stimulus(
      name: "backimage", source: raw(), metadata: .map([.init("rate", .int(240))]), configuration: configuration)
    #expect(try stimulus.mask() == expected("valid_nlags_8_and_missing_pct_30"))
  }

  @Test("Without filters every bin counts")
  func filtersEveryBin() throws {
    var configuration = RecordingConfiguration.standard(session: "Rec")
    configuration.dataFilters = []
    let stimulus = try Stimulus(
      name: "backimage", source: raw(), metadata: .map([.init("rate", .int(240))]), configuration: configuration)
    #expect(try stimulus.mask().column(0) == expected("no_filter").values)
  }

  @Test(
    "Options that make no sense are refused with their place",
    arguments: [
      (PipelineStep("valid_nlags", .map([.init("n_lags", .int(0))])), "valid_nlags.n_lags: at least 1 is expected"),
      (
        PipelineStep("valid_nlags", .map([.init("n_lags", .string("many"))])),
        "valid_nlags.n_lags: an integer is expected"
      ),
      (
        PipelineStep("missing_pct", .map([.init("threshold", .bool(true))])),
        "missing_pct.threshold: a number is expected"
      ),
    ] as [(PipelineStep, String)])
  func optionsMakeNo(step: PipelineStep, refusal: String) {
    let failure = #expect(throws: Failure.self) { try AllDataFilters.make(step) }
    #expect(failure?.kind == .format)
    #expect(failure?.message.hasPrefix(refusal + ", not ") == true, "\(failure?.message ?? "no failure")")
  }

  private func expected(_ name: String) throws -> Tensor {
    try NpzArchive(path: Fixtures.path("recordings/filters_downsampling.npz")).tensor(name)
  }

  private func raw() throws -> MemorySource {
    let estimates = try NpzArchive(path: Fixtures.path("recordings/filters_downsampling.npz"))
    let percent = MemorySource.Array(
      shape: [403, 5], scalar: .float64, values: try estimates.doubles("missing_pct_input"))
    return try MemorySource(
      copying: NpzArchive(path: Fixtures.path("recordings/raw.npz")), changes: ["missing_pct": percent])
  }
}
