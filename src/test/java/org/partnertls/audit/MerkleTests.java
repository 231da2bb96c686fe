package org.partnertls.audit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The reference vectors of Certificate Transparency (RFC 6962), and everything else about
 * all small trees, against the definition.
 */
class MerkleTests {

	private static final List<byte[]> LEAVES = Stream
		.of("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
		.map((data) -> Merkle.leaf(hex(data)))
		.toList();

	@ParameterizedTest
	@CsvSource({ "0,e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
			"1,6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
			"2,fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
			"3,aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
			"4,d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
			"5,4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
			"6,76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
			"7,ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
			"8,5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" })
	void hasTheRootsOfTheReference(int size, String root) {
		Merkle.Edge edge = new Merkle.Edge();
		LEAVES.subList(0, size).forEach(edge::append);

		assertThat(edge.root()).asHexString().isEqualToIgnoringCase(root);
		assertThat(Merkle.root(whole(LEAVES), 0, size)).asHexString().isEqualToIgnoringCase(root);
	}

	@ParameterizedTest
	@CsvSource({ "0,1,''",
			"0,8,96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7 5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e 6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
			"5,8,bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0 d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
			"2,3,fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
			"1,5,6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d 5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b" })
	void hasThePathsOfTheReference(int index, int size, String path) {
		assertThat(words(Merkle.inclusion(whole(LEAVES), index, size))).isEqualTo(path);
	}

	@ParameterizedTest
	@CsvSource({ "1,1,''",
			"1,8,96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7 5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e 6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
			"6,8,0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0 d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
			"2,5,5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b" })
	void hasTheConsistencyProofsOfTheReference(int oldSize, int newSize, String proof) {
		assertThat(words(Merkle.consistency(whole(LEAVES), oldSize, newSize))).isEqualTo(proof);
	}

	@Test
	void provesEveryLeafOfEverySmallTreeAndNothingElse() {
		List<byte[]> leaves = leaves(40);
		Random random = new Random(1);
		for (int size = 1; size <= leaves.size(); size++) {
			byte[] root = Merkle.root(whole(leaves), 0, size);
			for (int index = 0; index < size; index++) {
				List<byte[]> path = Merkle.inclusion(whole(leaves), index, size);
				assertThat(Merkle.included(leaves.get(index), index, size, path, root)).isTrue();
				for (int other = 0; other < size; other++) {
					assertThat(Merkle.included(leaves.get(index), other, size, path, root)).isEqualTo(other == index);
				}
				assertThat(Merkle.included(leaves.get(index), index, size, longer(path), root)).isFalse();
				for (List<byte[]> wrong : damaged(path, random)) {
					assertThat(Merkle.included(leaves.get(index), index, size, wrong, root)).isFalse();
				}
			}
		}
	}

	@Test
	void provesThatEverySmallTreeGrewOutOfEverySmallerOneAndNothingElse() {
		List<byte[]> leaves = leaves(40);
		Random random = new Random(2);
		for (int size = 0; size <= leaves.size(); size++) {
			byte[] root = Merkle.root(whole(leaves), 0, size);
			for (int old = 0; old <= size; old++) {
				byte[] oldRoot = Merkle.root(whole(leaves), 0, old);
				List<byte[]> proof = Merkle.consistency(whole(leaves), old, size);
				assertThat(Merkle.consistent(old, oldRoot, size, root, proof)).as("%s in %s", old, size).isTrue();
				assertThat(Merkle.consistent(old, flip(oldRoot, random), size, root, proof)).isFalse();
				assertThat(Merkle.consistent(old, oldRoot, size, flip(root, random), proof)).as("%s in %s", old, size)
					.isEqualTo(old == 0);
				assertThat(Merkle.consistent(old, oldRoot, size, root, longer(proof))).isFalse();
				for (List<byte[]> wrong : damaged(proof, random)) {
					assertThat(Merkle.consistent(old, oldRoot, size, root, wrong)).isFalse();
				}
			}
		}
	}

	@Test
	void growsBySubtreesAsByLeaves() {
		List<byte[]> leaves = leaves(37);
		Merkle.Edge edge = new Merkle.Edge();
		for (int at = 0; at < leaves.size();) {
			int height = Math.min(Integer.numberOfTrailingZeros(at | 8),
					31 - Integer.numberOfLeadingZeros(leaves.size() - at));
			edge.append(height, whole(leaves).hash(height, at >> height));
			at += 1 << height;
		}

		assertThat(edge.root()).isEqualTo(Merkle.root(whole(leaves), 0, 37));
		assertThatIllegalArgumentException().isThrownBy(() -> edge.append(1, leaves.getFirst()));
	}

	private static List<byte[]> leaves(int count) {
		List<byte[]> leaves = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			leaves.add(Merkle.leaf(("event " + i).getBytes(java.nio.charset.StandardCharsets.UTF_8)));
		}
		return leaves;
	}

	/** By the definition alone. */
	private static Merkle.Subtrees whole(List<byte[]> leaves) {
		return new Merkle.Subtrees() {

			@Override
			public byte[] hash(int height, long index) {
				return (height == 0) ? leaves.get((int) index)
						: Merkle.node(hash(height - 1, 2 * index), hash(height - 1, 2 * index + 1));
			}

		};
	}

	private static List<List<byte[]>> damaged(List<byte[]> path, Random random) {
		List<List<byte[]>> all = new ArrayList<>();
		for (int i = 0; i < path.size(); i++) {
			List<byte[]> flipped = new ArrayList<>(path);
			flipped.set(i, flip(path.get(i), random));
			all.add(flipped);
			List<byte[]> shorter = new ArrayList<>(path);
			shorter.remove(i);
			all.add(shorter);
		}
		return all;
	}

	private static List<byte[]> longer(List<byte[]> path) {
		List<byte[]> longer = new ArrayList<>(path);
		longer.add(Merkle.empty());
		return longer;
	}

	private static byte[] flip(byte[] hash, Random random) {
		byte[] flipped = Arrays.copyOf(hash, hash.length);
		flipped[random.nextInt(hash.length)] ^= (byte) (1 << random.nextInt(8));
		return flipped;
	}

	private static String words(List<byte[]> hashes) {
		return hashes.stream().map(HexFormat.of()::formatHex).reduce((left, right) -> left + " " + right).orElse("");
	}

	private static byte[] hex(String hex) {
		return HexFormat.of().parseHex(hex);
	}

}
