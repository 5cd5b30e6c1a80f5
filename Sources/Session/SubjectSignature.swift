import Base
import Language

extension Signature {
  /// `TWIN on REC/STIM [--split …] [--head …]`, or stored predictions.
  package func subject() -> Signature {
    argument("subject", .object(kinds: ["twin", "predictions"]), "A twin, or predictions that were made elsewhere")
      .argument(
        "stimulus", .stimulus, "The recording's stimulus; not for stored predictions", keyword: "on", optional: true)
  }

  /// Which frames, and which adapter and readout.
  package func frames() -> Signature {
    flag("split", .choice(["train", "val", "all"]), default: .string("val"), "Frames of this split of the trials")
      .head()
      .behavior()
  }

  /// Which adapter and readout.
  package func head() -> Signature {
    flag("head", .word("head"), "Head to use (session or number) if the twin has none for the recording's session")
  }

  /// Whether the modulator takes part.
  package func behavior() -> Signature {
    flag("no-behavior", "Leave the modulator out of a twin that has one")
  }
}
