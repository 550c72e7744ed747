import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.http.HttpServerTransport;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.painless.PainlessPlugin;
import org.opensearch.transport.Netty4Plugin;

/**
 * One node of an OpenSearch cluster on this machine, for tests: Node NAME FOLDER PORT NAMES PORTS.
 * PORT is its own for other nodes; NAMES and PORTS are those of all nodes, with commas between them.
 * Prints the port of its HTTP server in a line when it has joined the cluster. Ends when its standard input does.
 */
public class Node extends org.opensearch.node.Node {
    Node(Settings settings) {
        super(
            InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "node"),
            List.of(Netty4Plugin.class, CommonAnalysisPlugin.class, PainlessPlugin.class),
            false
        );
    }

    public static void main(String[] args) throws Exception {
        List<String> seeds = java.util.Arrays.stream(args[4].split(",")).map(p -> "127.0.0.1:" + p).toList();
        Settings settings = Settings.builder()
            .put("cluster.name", "rotescope-tests")
            .put("node.name", args[0])
            .put("path.home", args[1])
            .put("path.data", Path.of(args[1], "data").toString())
            .put("network.host", "127.0.0.1")
            .put("transport.port", args[2])
            .put("http.port", "0")
            .put("transport.type", "netty4")
            .put("http.type", "netty4")
            .putList("discovery.seed_hosts", seeds)
            .putList("cluster.initial_cluster_manager_nodes", args[3].split(","))
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .put("node.processors", 1)
            .build();
        Thread ends = new Thread(() -> {
            try {
                while (System.in.read() >= 0) { }
            } catch (java.io.IOException gone) {
            }
            Runtime.getRuntime().halt(0);
        });
        ends.setDaemon(true);
        ends.start();
        Node node = new Node(settings);
        node.start();
        HttpServerTransport http = node.injector().getInstance(HttpServerTransport.class);
        System.out.println(http.boundAddress().publishAddress().getPort());
        System.out.flush();
        Thread.currentThread().join();
    }
}
