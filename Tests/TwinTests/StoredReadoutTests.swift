import Base
import Formats
import Layers
import TestSupport
import Testing

@Suite struct StoredReadoutTests {
  private let checkpoint: Checkpoint

  init() throws { checkpoint = try Checkpoint(path: Fixtures.path("twin/twin.ckpt")) }

  @Test("The tensors of a head are written as they were read") func theTensorsOfAHeadComeBackAsTheyWere() throws {
    let readout = try GaussianReadout(stored: checkpoint, head: 1)
    #expect(readout.cellCount == 16)
    let arrays = readout.arrays(head: 1)
    #expect(Set(arrays.map(\.name)) == Set(GaussianReadout.parameterNames(head: 1)))
    for array in arrays { #expect(array == NamedArray(array.name, try checkpoint.tensor(array.name))) }
  }

  @Test("A head that does not exist has no readout") func aHeadThatIsNotThereHasNoReadout() {
    #expect(GaussianReadout.isStored(in: checkpoint, head: 1))
    #expect(!GaussianReadout.isStored(in: checkpoint, head: 2))
    let failure = #expect(throws: Failure.self) { try GaussianReadout(stored: checkpoint, head: 2) }
    #expect(failure?.kind == .missing)
  }

  @Test("A tensor of another size is refused by name") func aTensorOfAnotherSizeIsRefusedByName() {
    let changed = ChangedSource(checkpoint, replacing: ["readouts.1.theta": Tensor(zeros: [3])])
    let failure = #expect(throws: Failure.self) { try GaussianReadout(stored: changed, head: 1) }
    #expect(failure?.message.contains("`readouts.1.theta` has shape [3], 16 numbers are needed") == true)
  }
}
