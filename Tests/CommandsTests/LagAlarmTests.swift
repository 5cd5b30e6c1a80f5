import Base
import Commands
import Formats
import Foundation
import TestSupport
import Testing
import TrainingCommands

@Suite struct LagAlarmTests {
  private static let checkpoint = Fixtures.path("twin_lag0/twin_lag0.ckpt")
  private static let kernels = "frontend.temporal_conv.conv.weight"

  /// The checkpoint with kernels that have all their weight in one tap.
  private func twin(tap: Int, in folder: String) throws -> String {
    let archive = try TorchArchive(path: Self.checkpoint)
    let old = try Checkpoint(path: Self.checkpoint)
    let shape = try #require(old.info(Self.kernels)).shape
    let values = (0..<shape.reduce(1, *)).map { Float($0 % shape[2] == tap ? 1 : 0) }
    let arrays = folder + "/kernels.npz"
    try NpzWriter.write([NamedArray("k", Tensor(shape: shape, values: values))], to: arrays)
    let new = try #require(try TorchTensor("k", of: NpzArchive(path: arrays)))
    let tensors = try old.arrayNames.map { name in
      (name, PythonValue.tensor(name == Self.kernels ? new : try #require(try TorchTensor(name, of: old))))
    }
    let settings = try #require(try archive.root["hyper_parameters"].flatMap { try PythonValue($0, in: archive) })
    let path = "\(folder)/epoch=\(tap).ckpt"
    try TorchWriter.write(
      .dict([
        (.string("epoch"), .int(tap)), (.string("global_step"), .int(1)),
        (.string("pytorch-lightning_version"), .string("2.6.0")),
        (.string("state_dict"), .orderedDict(tensors.map { (key: $0.0, value: $0.1) })),
        (.string("hyper_parameters"), settings),
      ]), to: path)
    return path
  }

  @Test(
    "Kernels with their weight at lag 0 are an alarm; kernels with it elsewhere, and a file that is no twin, are not")
  func lagZero() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(LagAlarm.alarms("a", Self.checkpoint).isEmpty)
    let counts = try (0..<3).map { LagAlarm.alarms("a", try twin(tap: $0, in: folder)).map(\.kind) }
    // Tap j of the newest step reads lag j.
    #expect(counts == [[.lagZero], [], []])
    #expect(LagAlarm.alarms("a", folder + "/kernels.npz").isEmpty)
  }
}
