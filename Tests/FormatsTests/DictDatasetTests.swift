import Base
import Formats
import TestSupport
import Testing

/// Values were read once with torch 2.13.
@Suite("Stimuli of a recording")
struct DictDatasetTests {
  private func open() throws -> DictDataset {
    try DictDataset(path: Fixtures.path("twin/Nova_2025-02-03/gaborium.dset"))
  }

  @Test("Covariates have their names, shapes and element types")
  func shapes() throws {
    let dataset = try open()
    #expect(dataset.arrayNames == ["stim", "robs", "dpi_valid", "eyepos", "t_bins", "trial_inds", "dfs"])
    #expect(dataset.frameCount == 2400)
    #expect(dataset.info("stim") == ArrayInfo(shape: [2400, 25, 25], scalar: .uint8))
    #expect(dataset.info("t_bins") == ArrayInfo(shape: [2400], scalar: .float64))
    #expect(dataset.info("dfs") == ArrayInfo(shape: [2400, 1], scalar: .float32))
    #expect(dataset.info("psth_inds") == nil)
  }

  @Test("Metadata is a configuration tree")
  func metadata() throws {
    let metadata = try open().metadata
    #expect(metadata["rate"]?.doubleValue == 120)
    #expect(metadata["sess"]?.stringValue == "Nova_2025-02-03")
    #expect(metadata["cids"]?.intList == Array(0..<12))
    #expect(metadata["stim_size"]?.intList == [25, 25])
  }

  @Test("Pixels, counts, times and trials have torch's values")
  func values() throws {
    let dataset = try open()
    #expect(try dataset.tensor("robs").values.reduce(0, +) == 2513)
    #expect(try Array(dataset.doubles("t_bins").prefix(3)) == [80.00416666666666, 80.0125, 80.02083333333333])
    #expect(try dataset.integers("trial_inds").reduce(0, +) == 250_800)
    #expect(try dataset.tensor("stim", rows: 100..<101).values[75..<80] == [127, 127, 127, 127, 127])
  }

  @Test("Counts stored as floats read as integers; eye positions between whole numbers are refused")
  func integers() throws {
    let dataset = try open()
    #expect(try dataset.integers("robs").reduce(0, +) == 2513)
    let failure = #expect(throws: Failure.self) { try dataset.integers("eyepos") }
    #expect(failure?.kind == .mismatch && failure?.message.hasSuffix("not all values (float32) are integers") == true)
  }

  @Test("Rows are read alone and equal the whole's")
  func rows() throws {
    let dataset = try open()
    let whole = try dataset.tensor("stim")
    #expect(try dataset.tensor("stim", rows: 500..<503) == whole[rows: 500..<503])
    #expect(try dataset.tensor("stim", rows: 2400..<2400).shape == [0, 25, 25])
  }

  /// Made with torch 2.13: robs as COO, dfs as CSR.
  @Test("Counts and masks that are stored sparse are read as the dense ones they stand for, also row by row")
  func sparse() throws {
    let dataset = try DictDataset(path: Fixtures.path("cases/sparse.dset"))
    #expect(dataset.info("robs")?.shape == [6, 2] && dataset.remarks.isEmpty)
    #expect(try dataset.tensor("robs").values == [0, 0, 2, 0, 0, 0, 0, 0, 0, 1, 3, 0])
    #expect(try dataset.tensor("robs", rows: 4..<6).values == [0, 1, 3, 0])
    #expect(try dataset.tensor("dfs").values == [1, 1, 1, 1, 1, 1])
  }

  @Test("A checkpoint that is opened as a stimulus is refused, and the hint names what it is")
  func checkpoint() throws {
    let failure = #expect(throws: Failure.self) { try DictDataset(path: Fixtures.path("twin/twin.ckpt")) }
    #expect(failure?.hint == "it is a checkpoint")
  }

  @Test("A stimulus and a checkpoint are recognised, and neither as the other")
  func kinds() throws {
    let dataset = try TorchArchive(path: Fixtures.path("twin/Nova_2025-02-03/gaborium.dset"))
    let twin = try TorchArchive(path: Fixtures.path("twin/twin.ckpt"))
    #expect(DictDataset.isDictDataset(dataset) && !Checkpoint.isCheckpoint(dataset))
    #expect(Checkpoint.isCheckpoint(twin) && !DictDataset.isDictDataset(twin))
  }
}
